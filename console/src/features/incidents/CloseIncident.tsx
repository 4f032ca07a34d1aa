import { Input, Modal, Select } from "antd";
import { useState } from "react";
import { useIncidentLists, useIncidentWords } from "../../ui/incident-words";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { WordChoice } from "../../ui/WordChoice";
import type { Cause, Disposition } from "./acts";
import type { Details } from "./incident";

/** How what was found to be false may end. */
const REFUTED_ENDS: readonly Disposition[] = ["false-alarm", "test", "cancelled"];

interface Props {
  incident: Details;
  onClose: () => void;
  onSure: (disposition: Disposition, cause: Cause | null, text: string) => Promise<boolean>;
}

/** Nothing ends without an outcome of the list; a false alarm says why it was one. */
export function CloseIncident({ incident, onClose, onSure }: Props) {
  const { t, pick } = useWords();
  const words = useIncidentWords();
  const { dispositions, causes } = useIncidentLists();
  const [disposition, setDisposition] = useKept<Disposition>(`outcome of incident ${incident.id}`);
  const [cause, setCause] = useKept<Cause | undefined>(`cause at the end of incident ${incident.id}`, incident.cause ?? undefined);
  const [text, setText] = useKept(`words at the end of incident ${incident.id}`, "");
  const [busy, setBusy] = useState(false);
  const refuted = incident.desk_state === "false";
  const offered = dispositions.map(({ code }) => code as Disposition).filter((one) => !refuted || REFUTED_ENDS.includes(one));
  const caused = disposition === "false-alarm";
  const ready = disposition !== undefined && (!caused || cause !== undefined) && incident.units_out === 0;
  const send = () => {
    if (busy || !ready) return;
    setBusy(true);
    void onSure(disposition, caused ? (cause ?? null) : null, text.trim())
      .then((done) => done && onClose())
      .finally(() => setBusy(false));
  };
  return (
    <Modal open title={t("incident.ask.close", { number: incident.number })} okText={t("incident.act.close")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: !ready, "data-testid": "sure" }} onCancel={onClose} onOk={send} destroyOnHidden>
      {incident.units_out > 0 && (
        <p className="notice" role="status" data-testid="units-out">
          {t("incident.unitsOut", { count: incident.units_out })}
        </p>
      )}
      <WordChoice autoFocus words={offered} value={disposition} say={(one) => words("dispositions", one)} label={t("incidents.disposition")} onChoose={setDisposition} onSend={send} />
      {caused && (
        <div className="fields narrow">
          <label>
            <span>{t("incidents.cause")}</span>
            <Select<Cause> value={cause} aria-label={t("incidents.cause")} placeholder={t("incidents.cause")} data-testid="cause" options={causes.map((one) => ({ value: one.code as Cause, label: pick(one.zh, one.en) }))} onChange={setCause} />
          </label>
        </div>
      )}
      <Input.TextArea rows={3} maxLength={2000} value={text} aria-label={t("incident.words")} placeholder={t("incident.words")} data-testid="note" onChange={(event) => setText(event.target.value)} />
    </Modal>
  );
}
