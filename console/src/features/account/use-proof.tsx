import { Button, Input, Modal, Space } from "antd";
import { useState, type ReactNode } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import { passkeysPossible, provePasskey } from "../../ui/passkey";

export type Proof = Schemas["FreshProof"];
type Wanted = (proof: Proof) => Promise<unknown>;

/** Asks anew who is there before a way to sign in comes or goes: a code, a passkey, or the password of whoever has neither. */
export function useProof({ authenticator, passkeys, provider }: Schemas["AccountShape"]): { prove: (wanted: Wanted) => void; dialog: ReactNode } {
  const { t } = useWords();
  const { busy, act } = useAct();
  const [wanted, setWanted] = useState<Wanted>();
  const [text, setText] = useState("");
  const typed = authenticator || passkeys === 0;
  const close = () => {
    setWanted(undefined);
    setText("");
  };
  const shown = (find: () => Promise<Proof | undefined>) =>
    void act(async () => {
      const proof = await find();
      if (proof === undefined) return; // the person thought better of it
      setText(""); // a code opens once
      await wanted?.(proof);
      close();
    });
  const byText = () => shown(() => Promise.resolve({ proof: text }));
  const byPasskey = () =>
    shown(async () => {
      const { options } = await body(api.POST("/api/v1/session/passkey/options"));
      const credential = await provePasskey(options);
      return credential === undefined ? undefined : { proof: "", credential };
    });
  const prove = (next: Wanted) => {
    if (provider !== "" && typed && !authenticator) void act(() => next({ proof: "" }));
    else setWanted(() => next);
  };
  const label = t(authenticator ? "account.proof.code" : "account.proof.password");
  const dialog = (
    <Modal open={wanted !== undefined} title={t("account.proof")} okText={t("account.authenticator.confirm")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: text === "", style: typed ? {} : { display: "none" }, "data-testid": "own-proof-sure" }} onCancel={close} onOk={byText} destroyOnHidden>
      <Space orientation="vertical" style={{ width: "100%" }}>
        <span className="quiet">{t(typed ? "account.proof.help" : "account.proof.help.passkey")}</span>
        {typed && <Input.Password autoFocus value={text} maxLength={256} autoComplete={authenticator ? "one-time-code" : "current-password"} aria-label={label} placeholder={label} data-testid="own-proof" onChange={(event) => setText(event.target.value)} onPressEnter={() => text !== "" && byText()} />}
        {passkeys > 0 && passkeysPossible() && (
          <Button autoFocus={!typed} type={typed ? "link" : "primary"} loading={busy} data-testid="own-proof-passkey" onClick={byPasskey}>
            {t("duty.factor.passkey")}
          </Button>
        )}
      </Space>
    </Modal>
  );
  return { prove, dialog };
}
