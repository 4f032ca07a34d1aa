import { useQuery } from "@tanstack/react-query";
import { App, Input, Modal, Radio, Space } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useAct } from "../../ui/act";
import { useTime } from "../../ui/time";
import { useProof, type Proof } from "./use-proof";

const LEAST = 10;

/** Changes one's own password; one's other sessions end. Whoever has passkeys says whether they stay. */
export function OwnPassword({ open, account, onClose }: { open: boolean; account: Schemas["AccountShape"]; onClose: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const { message } = App.useApp();
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const [keep, setKeep] = useState<boolean>();
  const time = useTime();
  const { prove, dialog } = useProof(account);
  const asks = account.passkeys > 0;
  const keys = useQuery({ queryKey: ["passkeys"], enabled: open && asks, queryFn: () => body(api.GET("/api/v1/account/passkeys")) });
  const close = () => {
    setOld("");
    setFresh("");
    setAgain("");
    setKeep(undefined);
    onClose();
  };
  const wrong = again !== "" && again !== fresh;
  const sent = async (proof: Proof = { proof: "" }) => {
    await api.POST("/api/v1/session/password", { body: { old, new: fresh, keep_passkeys: keep ?? null, ...proof } });
    message.success(t("done"));
    close();
  };
  const change = () => (keep === false ? prove(sent) : void act(sent));
  return (
    <>
    <Modal open={open} title={t("password.change")} okText={t("password.change")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: old === "" || fresh.length < LEAST || again !== fresh || (asks && keep === undefined) }} onCancel={close} onOk={change}>
      <Space orientation="vertical" style={{ width: "100%" }}>
        <Input.Password autoFocus autoComplete="current-password" placeholder={t("password.old")} value={old} data-testid="own-old" onChange={(event) => setOld(event.target.value)} />
        <Input.Password autoComplete="new-password" placeholder={t("password.new")} value={fresh} data-testid="own-new" onChange={(event) => setFresh(event.target.value)} />
        <Input.Password autoComplete="new-password" status={wrong ? "error" : ""} placeholder={t("password.again")} value={again} data-testid="own-again" onChange={(event) => setAgain(event.target.value)} />
        <span className="hint" style={{ padding: 0 }}>
          {t(wrong ? "password.differ" : "password.help")}
        </span>
        {asks && (
          <>
            <span>{t("password.passkeys")}</span>
            {keys.data?.items.map((key) => (
              <span className="quiet" key={key.id}>
                {key.name} · {t("account.added", { time: time(key.created_at) })} · {t("account.used", { time: time(key.used_at) })}
              </span>
            ))}
            <Radio.Group value={keep} data-testid="keep-passkeys" onChange={(event) => setKeep(event.target.value as boolean)} options={[{ value: true, label: t("password.passkeys.keep") }, { value: false, label: t("password.passkeys.end") }]} />
          </>
        )}
      </Space>
    </Modal>
    {dialog}
    </>
  );
}
