import { Input, Segmented, Select } from "antd";
import { AskReason } from "../../ui/AskReason";
import { positionOf, positionText, type Kind } from "../../ui/incident/new-incident";
import { useIncidentLists } from "../../ui/incident-words";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import type { AlarmPriority } from "../../ui/Priority";
import type * as acts from "./acts";
import { priorityOf, type Details } from "./incident";

const PRIORITIES: readonly AlarmPriority[] = [1, 2, 3, 4];

interface Props {
  incident: Details;
  onClose: () => void;
  onSure: (changes: Parameters<typeof acts.correct>[1], reason: string) => Promise<boolean>;
}

/** What it says is put right, and why; what stood before stays in the time line. */
export function CorrectIncident({ incident, onClose, onSure }: Props) {
  const { t, pick } = useWords();
  const { types } = useIncidentLists();
  const of = (what: string) => `${what} of incident ${incident.id} put right`;
  const before = positionText(incident.longitude, incident.latitude);
  const [type, setType] = useKept<Kind>(of("type"), incident.type);
  const [priority, setPriority] = useKept<AlarmPriority>(of("priority"), priorityOf(incident));
  const [place, setPlace] = useKept(of("place"), incident.place);
  const [position, setPosition] = useKept(of("position"), before);
  const [text, setText] = useKept(of("words"), incident.text);
  const spot = positionOf(position);
  const changes = { ...(type === incident.type ? {} : { type }), ...(priority === incident.priority ? {} : { priority }), ...(place.trim() === incident.place ? {} : { place: place.trim() }), ...(position === before || spot === null ? {} : spot), ...(text.trim() === incident.text ? {} : { text: text.trim() }) };
  const ready = place.trim() !== "" && spot !== undefined && Object.keys(changes).length > 0;
  return (
    <AskReason open name={`correction of incident ${incident.id}`} title={t("incident.ask.correct", { number: incident.number })} label={t("incident.reason")} okText={t("incident.act.correct")} ready={ready} onClose={onClose} onSure={(reason) => onSure(changes, reason)}>
      <div className="fields narrow">
        <label>
          <span>{t("incident.type")}</span>
          <Select<Kind> value={type} showSearch={{ optionFilterProp: "label" }} aria-label={t("incident.type")} data-testid="incident-type" options={types.map((one) => ({ value: one.code as Kind, label: pick(one.zh, one.en) }))} onChange={setType} />
        </label>
        <div role="group" aria-label={t("incident.priority")}>
          <span>{t("incident.priority")}</span>
          <div>
            <Segmented<AlarmPriority> value={priority} data-testid="incident-priority" options={PRIORITIES.map((one) => ({ value: one, label: t(`priority.${one}`) }))} onChange={setPriority} />
          </div>
        </div>
        <label>
          <span>{t("incident.place")}</span>
          <Input value={place} maxLength={200} data-testid="incident-place" onChange={(event) => setPlace(event.target.value)} />
        </label>
        <label>
          <span>{t("incident.position")}</span>
          <Input value={position} maxLength={60} placeholder="106.713478, 26.578343" status={spot === undefined ? "error" : ""} aria-invalid={spot === undefined} data-testid="incident-position" onChange={(event) => setPosition(event.target.value)} />
        </label>
        <label>
          <span>{t("incident.text")}</span>
          <Input.TextArea rows={3} maxLength={2000} value={text} data-testid="incident-text" onChange={(event) => setText(event.target.value)} />
        </label>
      </div>
    </AskReason>
  );
}
