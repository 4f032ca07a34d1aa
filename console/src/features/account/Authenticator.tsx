import { Button, Input, Modal, QRCode, Space, Typography } from "antd";
import { useRef, useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useAct } from "../../ui/act";
import type { TextKey } from "../../ui/texts";
import { useProof } from "./use-proof";

type Enrolment = Schemas["EnrolmentShape"];
type Asked = "end" | "codes";
const TITLES: Record<Asked, TextKey> = { end: "account.authenticator.end", codes: "account.codes.renew" };

/** Sets an authenticator app up, gives recovery codes out, and ends it with one more code. */
export function Authenticator({ account, onChange }: { account: Schemas["AccountShape"]; onChange: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const { prove: proveFirst, dialog } = useProof(account);
  const [enrolment, setEnrolment] = useState<Enrolment>();
  const [asked, setAsked] = useState<Asked>();
  const [code, setCode] = useState("");
  const typed = useRef<{ focus: () => void }>(null);
  /** The dialog that stood there before gives the focus to the page when it has gone. */
  const focus = (shown: boolean) => shown && typed.current?.focus();
  const [codes, setCodes] = useState<string[]>();
  const begin = () => proveFirst((proof) => body(api.POST("/api/v1/account/authenticator", { body: proof })).then(setEnrolment));
  const told = (found: string[] | undefined) => {
    setCode("");
    setEnrolment(undefined);
    setAsked(undefined);
    setCodes(found);
    onChange();
  };
  const order = { body: { code: code.trim() } };
  const confirm = () => void act(() => body(api.POST("/api/v1/account/authenticator/confirm", order)).then((found) => told(found.codes)));
  const prove = () =>
    void act(() => (asked === "end" ? api.POST("/api/v1/account/authenticator/end", order).then(() => told(undefined)) : body(api.POST("/api/v1/account/recovery-codes", order)).then((found) => told(found.codes))));
  const field = (done: () => void, label: TextKey) => (
    <Input ref={(made) => void (typed.current = made)} autoFocus value={code} maxLength={16} inputMode="numeric" autoComplete="one-time-code" aria-label={t(label)} placeholder={t(label)} data-testid="own-code" onChange={(event) => setCode(event.target.value)} onPressEnter={() => code.trim().length >= 6 && done()} />
  );
  const shut = () => {
    setEnrolment(undefined);
    setAsked(undefined);
    setCode("");
  };
  return (
    <>
      {account.authenticator ? (
        <Space wrap>
          <span className="status-online">
            ● <span className="status-text">{t("account.authenticator.on", { count: account.recovery_codes_left })}</span>
          </span>
          <Button size="small" onClick={() => setAsked("codes")}>
            {t("account.codes.renew")}
          </Button>
          <Button size="small" danger data-testid="end-authenticator" onClick={() => setAsked("end")}>
            {t("account.authenticator.end")}
          </Button>
        </Space>
      ) : (
        <Button type="primary" data-testid="begin-authenticator" onClick={begin}>
          {t("account.authenticator.begin")}
        </Button>
      )}
      {dialog}
      <Modal open={enrolment !== undefined} title={t("account.authenticator.begin")} okText={t("account.authenticator.confirm")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: code.trim().length < 6 }} onCancel={shut} onOk={confirm} afterOpenChange={focus} destroyOnHidden>
        <Space orientation="vertical" style={{ width: "100%" }}>
          <span>{t("account.authenticator.scan")}</span>
          <div className="qr">
            <QRCode value={enrolment?.uri ?? "-"} bgColor="#ffffff" color="#000000" size={180} />
          </div>
          <div className="qr">
            <Typography.Text copyable code data-testid="authenticator-secret">
              {enrolment?.secret ?? ""}
            </Typography.Text>
          </div>
          {field(confirm, "account.code")}
        </Space>
      </Modal>
      <Modal open={asked !== undefined} title={asked === undefined ? "" : t(TITLES[asked])} okText={t("account.authenticator.confirm")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: code.trim().length < 6 }} onCancel={shut} onOk={prove} afterOpenChange={focus} destroyOnHidden>
        {field(prove, "signIn.code")}
      </Modal>
      <Modal open={codes !== undefined} title={t("account.codes.title")} okText={t("user.first.noted")} onOk={() => setCodes(undefined)} onCancel={() => setCodes(undefined)} cancelButtonProps={{ style: { display: "none" } }} mask={{ closable: false }}>
        <p className="hint" style={{ padding: "0 0 10px" }}>
          {t("account.codes.help")}
        </p>
        <Typography.Paragraph copyable={{ text: codes?.join("\n") ?? "" }} className="codes" data-testid="recovery-codes">
          {codes?.map((one) => <code key={one}>{one}</code>)}
        </Typography.Paragraph>
      </Modal>
    </>
  );
}
