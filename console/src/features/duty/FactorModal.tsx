import { Button, Input, Modal } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import { passkeysPossible, provePasskey } from "../../ui/passkey";

export type Proof = Partial<Pick<Schemas["SignOn"], "code" | "credential">>;

interface Props {
  open: boolean;
  title: string;
  onClose: () => void;
  /** With the proof; the dialog stays unless this is fulfilled with true. */
  onProof: (proof: Proof) => Promise<boolean>;
}

/** The second factor anew, where the policy asks for it at signing on: a code, or a passkey. */
export function FactorModal({ open, title, onClose, onProof }: Props) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const [code, setCode] = useState("");
  const shown = async (proof: Proof) => {
    const done = await onProof(proof);
    setCode("");
    if (done) onClose();
  };
  const byPasskey = () =>
    void act(async () => {
      const { options } = await body(api.POST("/api/v1/session/passkey/options"));
      const credential = await provePasskey(options);
      if (credential !== undefined) await shown({ credential });
    });
  return (
    <Modal open={open} title={title} okText={t("duty.signOn")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: code.trim() === "", "data-testid": "factor-sure" }} onCancel={onClose} onOk={() => void shown({ code: code.trim() })} destroyOnHidden>
      <p className="quiet dialog-help">{t("duty.factor.help")}</p>
      <Input autoFocus value={code} maxLength={32} inputMode="numeric" autoComplete="one-time-code" aria-label={t("duty.factor.code")} placeholder={t("duty.factor.code")} data-testid="factor-code" onChange={(event) => setCode(event.target.value)} onPressEnter={() => code.trim() !== "" && void shown({ code: code.trim() })} />
      {passkeysPossible() && (
        <Button type="link" size="small" data-testid="factor-passkey" onClick={byPasskey}>
          {t("duty.factor.passkey")}
        </Button>
      )}
    </Modal>
  );
}
