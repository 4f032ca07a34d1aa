import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Modal, Popconfirm, Select, Space } from "antd";
import { api, body } from "../../api-client/client";
import { DateField } from "../../ui/DateField";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { PersonPick } from "../../ui/PersonPick";
import { useAct } from "../../ui/act";
import { momentOf, useZone, wallTime } from "../../ui/zone";
import { HOURS, proposedOn, spanOn } from "./roster-week";
import type { Candidate, Centre, Slot } from "./seats";

const MINUTE = "2026-11-26T17:30".length;

/** A cell of the week in which somebody is to sit, or a slot that is there. */
export interface Editing {
  day: string;
  seat: number;
  slot?: Slot;
}

/** Who sits at which seat from when until when; only people who may take duty there at that time are offered (A9). */
export function EditSlot({ centre, editing, onClose }: { centre: Centre; editing: Editing; onClose: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const zone = useZone();
  const { slot, day } = editing;
  const [seat, setSeat] = useKept("seat of a slot", editing.seat);
  const [user, setUser] = useKept("person of a slot", slot?.user_id);
  const [span, setSpan] = useKept("times of a slot", () => (slot === undefined ? proposedOn(day, wallTime(new Date().toISOString(), zone).slice(0, MINUTE)) : { since: wallTime(slot.since, zone).slice(0, MINUTE), until: wallTime(slot.until, zone).slice(0, MINUTE) }));
  const whole = span.since !== "" && span.until !== "" && span.since < span.until;
  const times = whole ? { since: momentOf(span.since, zone).toISOString(), until: momentOf(span.until, zone).toISOString() } : undefined;
  const found = useQuery({
    queryKey: ["duty", "candidates", centre.id, times],
    enabled: times !== undefined,
    queryFn: () => body(api.GET("/api/v1/duty/centres/{centre}/candidates", { params: { path: { centre: centre.id }, query: times ?? {} } })),
  });
  const people = withOwn(found.data?.items ?? [], slot);
  const sent = (call: () => Promise<unknown>) => act(() => call().then(onClose)).finally(() => void queries.invalidateQueries({ queryKey: ["duty"] }));
  const path = { centre: centre.id };
  const save = () => {
    if (user === undefined || times === undefined) return;
    const order = { seat, user_id: user, ...times };
    void sent(() => slot === undefined ? api.POST("/api/v1/duty/centres/{centre}/slots", { params: { path }, body: order }) : api.PUT("/api/v1/duty/centres/{centre}/slots/{slot}", { params: { path: { ...path, slot: slot.id } }, body: order }));
  };
  const remove = () => (slot === undefined ? undefined : sent(() => api.DELETE("/api/v1/duty/centres/{centre}/slots/{slot}", { params: { path: { ...path, slot: slot.id } } })));
  const footer = (
    <Space>
      {slot !== undefined && (
        <Popconfirm title={t("roster.remove.sure")} okText={t("roster.remove")} cancelText={t("cancel")} onConfirm={remove}>
          <Button danger data-testid="remove-slot">
            {t("roster.remove")}
          </Button>
        </Popconfirm>
      )}
      <Button onClick={onClose}>{t("cancel")}</Button>
      <Button type="primary" loading={busy} disabled={user === undefined || times === undefined} data-testid="save-slot" onClick={save}>
        {t("roster.save")}
      </Button>
    </Space>
  );
  return (
    <Modal open title={t(slot === undefined ? "roster.add" : "roster.change", { centre: centre.name })} footer={footer} onCancel={onClose}>
      <div className="fields">
        <label>
          <span>{t("roster.person")}</span>
          <PersonPick autoFocus people={people} value={user} loading={found.isFetching} label={t("roster.person")} testId="slot-person" onChange={setUser} />
        </label>
        <label>
          <span>{t("roster.seat")}</span>
          <Select<number> value={seat} aria-label={t("roster.seat")} data-testid="slot-seat" onChange={setSeat} options={Array.from({ length: centre.seats }, (_, at) => ({ value: at + 1, label: t("duty.seat", { seat: at + 1 }) }))} />
        </label>
        <label>
          <span>{t("roster.since")}</span>
          <DateField precision="minute" clearable={false} label={t("roster.since")} testId="slot-since" value={span.since} onChange={(since) => setSpan({ ...span, since })} />
        </label>
        <label>
          <span>{t("roster.until")}</span>
          <DateField precision="minute" clearable={false} label={t("roster.until")} testId="slot-until" value={span.until} wrong={!whole} onChange={(until) => setSpan({ ...span, until })} />
        </label>
        <div role="group" aria-label={t("roster.usual")}>
          <span>{t("roster.usual")}</span>
          <Space wrap size={6}>
            {HOURS.map((hours) => (
              <Button key={hours.join()} size="small" onClick={() => setSpan(spanOn(day, hours))}>
                {hours.join("–")}
              </Button>
            ))}
          </Space>
        </div>
      </div>
      <p className="quiet">{t("roster.rules")}</p>
    </Modal>
  );
}

/** Whoever is rostered stands in the list even when they may not sit there any more. */
function withOwn(people: readonly Candidate[], slot: Slot | undefined): readonly Candidate[] {
  if (slot === undefined || people.some((one) => one.user_id === slot.user_id)) return people;
  const { user_id, name, full_name } = slot;
  return [{ user_id, name, full_name, unit: "", posts: [], on_duty: false, seat: slot.seat, since: slot.since }, ...people];
}
