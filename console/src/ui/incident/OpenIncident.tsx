import { useQueryClient } from "@tanstack/react-query";
import { Input, Modal, Segmented, Select } from "antd";
import { useState } from "react";
import { useAct } from "../act";
import { AreaSelect } from "../AreaSelect";
import { useIncidentLists } from "../incident-words";
import { useKept } from "../kept";
import { useWords } from "../language";
import type { AlarmPriority } from "../Priority";
import { openIncident, OrderKeys, positionOf, positionText, type Kind, type Order } from "./new-incident";

const PRIORITIES: readonly AlarmPriority[] = [1, 2, 3, 4];

interface Props {
  /** Of what it is made, in words of the code: over a lock of the screen what was typed is kept under it. */
  name: string;
  first?: Partial<Order>;
  onClose: () => void;
  onOpened: (id: number) => void;
}

/** What happens where: the one form in which an incident is entered, from an alarm or from nothing. */
export function OpenIncident({ name, first = {}, onClose, onOpened }: Props) {
  const { t, pick } = useWords();
  const lists = useIncidentLists();
  const queries = useQueryClient();
  const { busy, act } = useAct();
  const [keys] = useState(() => new OrderKeys());
  const [kind, setKind] = useKept<Kind | undefined>(`type of ${name}`, first.type);
  const [priority, setPriority] = useKept(`priority of ${name}`, (first.priority ?? 2) as AlarmPriority);
  const [area, setArea] = useKept(`area of ${name}`, first.area ?? "");
  const [place, setPlace] = useKept(`place of ${name}`, first.place ?? "");
  const [position, setPosition] = useKept(`position of ${name}`, positionText(first.longitude, first.latitude));
  const [text, setText] = useKept(`words of ${name}`, first.text ?? "");
  const spot = positionOf(position);
  const ready = kind !== undefined && place.trim() !== "" && spot !== undefined;
  const send = () => {
    if (!ready) return;
    const order: Order = { type: kind, area, place: place.trim(), text: text.trim(), priority, alarms: first.alarms ?? [], ...spot };
    let made = 0;
    void act(async () => {
      made = (await openIncident(order, keys.of(order))).id;
    }).then((done) => {
      if (!done) return;
      void queries.invalidateQueries({ queryKey: ["incidents"] });
      onOpened(made);
    });
  };
  return (
    <Modal open width={640} title={t("incident.open")} okText={t("incident.open")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: !ready, "data-testid": "sure" }} onCancel={onClose} onOk={send} destroyOnHidden>
      <p className="quiet dialog-help">{t("incident.open.help")}</p>
      <div className="fields narrow">
        <label>
          <span>{t("incident.type")}</span>
          <Select<Kind> value={kind} autoFocus={kind === undefined} showSearch={{ optionFilterProp: "label" }} aria-label={t("incident.type")} placeholder={t("incident.type")} data-testid="incident-type" options={lists.types.map((one) => ({ value: one.code as Kind, label: pick(one.zh, one.en) }))} onChange={setKind} />
        </label>
        <div role="group" aria-label={t("incident.priority")}>
          <span>{t("incident.priority")}</span>
          <div>
            <Segmented<AlarmPriority> value={priority} data-testid="incident-priority" options={PRIORITIES.map((one) => ({ value: one, label: t(`priority.${one}`) }))} onChange={setPriority} />
          </div>
        </div>
        {first.area === undefined && (
          <label>
            <span>{t("incident.area")}</span>
            <AreaSelect clearable value={area === "" ? undefined : area} label={t("incident.area.own")} testId="incident-area" onChange={setArea} />
          </label>
        )}
        <label>
          <span>{t("incident.place")}</span>
          <Input value={place} maxLength={200} autoFocus={kind !== undefined} data-testid="incident-place" onChange={(event) => setPlace(event.target.value)} onPressEnter={send} />
        </label>
        <label>
          <span>{t("incident.position")}</span>
          <Input value={position} maxLength={60} placeholder="106.713478, 26.578343" status={spot === undefined ? "error" : ""} aria-invalid={spot === undefined} data-testid="incident-position" onChange={(event) => setPosition(event.target.value)} />
        </label>
        <label>
          <span>{t("incident.text")}</span>
          <Input.TextArea rows={4} maxLength={2000} value={text} data-testid="incident-text" onChange={(event) => setText(event.target.value)} />
        </label>
      </div>
    </Modal>
  );
}
