import { Input, Modal } from "antd";
import { useState } from "react";
import { useIncidentLists, useIncidentWords } from "../../ui/incident-words";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { WordChoice } from "../../ui/WordChoice";
import type { Cause } from "./acts";
import type { Details } from "./incident";

interface Props {
  incident: Details;
  onClose: () => void;
  onSure: (cause: Cause, text: string) => Promise<boolean>;
}

/** Why it was nothing. */
export function RefuteIncident({ incident, onClose, onSure }: Props) {
  const { t } = useWords();
  const words = useIncidentWords();
  const { causes } = useIncidentLists();
  const [cause, setCause] = useKept<Cause>(`cause of incident ${incident.id}`);
  const [text, setText] = useKept(`words on the cause of incident ${incident.id}`, "");
  const [busy, setBusy] = useState(false);
  const send = () => {
    if (busy || cause === undefined) return;
    setBusy(true);
    void onSure(cause, text.trim())
      .then((done) => done && onClose())
      .finally(() => setBusy(false));
  };
  return (
    <Modal open title={t("incident.ask.refute")} okText={t("incident.act.refute")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: cause === undefined, "data-testid": "sure" }} onCancel={onClose} onOk={send} destroyOnHidden>
      <WordChoice autoFocus words={causes.map(({ code }) => code as Cause)} value={cause} say={(one) => words("causes", one)} label={t("incident.ask.refute")} onChoose={setCause} onSend={send} />
      <Input.TextArea rows={2} maxLength={2000} value={text} aria-label={t("incident.words")} placeholder={t("incident.words")} data-testid="note" onChange={(event) => setText(event.target.value)} />
    </Modal>
  );
}
