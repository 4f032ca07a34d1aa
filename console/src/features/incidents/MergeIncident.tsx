import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { AskReason } from "../../ui/AskReason";
import { useIncidentWords } from "../../ui/incident-words";
import { useWords } from "../../ui/language";
import { askedList, type Details } from "./incident";

interface Props {
  incident: Details;
  onClose: () => void;
  onSure: (into: number, reason: string) => Promise<boolean>;
}

/** Two desks have entered the same: this one goes on as a part of the other. */
export function MergeIncident({ incident, onClose, onSure }: Props) {
  const { t } = useWords();
  const words = useIncidentWords();
  const [into, setInto] = useState<number>();
  const found = useQuery({ queryKey: ["incidents", "list", "to-merge"], queryFn: () => askedList("open", "") });
  const others = (found.data?.items ?? []).filter(({ id }) => id !== incident.id);
  return (
    <AskReason open name={`merging of incident ${incident.id}`} title={t("incident.ask.merge", { number: incident.number })} help={t("incident.merge.help")} label={t("incident.reason")} okText={t("incident.act.merge")} ready={into !== undefined} onClose={onClose} onSure={async (reason) => into !== undefined && onSure(into, reason)}>
      <div className="fields narrow">
        <label>
          <span>{t("incident.merge.into")}</span>
          <Select<number> value={into} loading={found.isPending} showSearch={{ optionFilterProp: "label" }} aria-label={t("incident.merge.into")} placeholder={t("incident.add.which")} notFoundContent={t("incident.add.none")} data-testid="merge-into" options={others.map((one) => ({ value: one.id, label: `${one.number} · ${words("types", one.type)} · ${one.place}` }))} onChange={setInto} />
        </label>
      </div>
    </AskReason>
  );
}
