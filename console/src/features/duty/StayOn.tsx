import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { AskReason } from "../../ui/AskReason";
import { DateField } from "../../ui/DateField";
import { PersonPick } from "../../ui/PersonPick";
import { useAct } from "../../ui/act";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { personName } from "../../ui/person-name";
import { momentOf, useZone, wallTime } from "../../ui/zone";
import type { Centre, Shift } from "./seats";

const HOUR_MS = 3_600_000;
const MINUTE = "2026-11-26T17:30".length;

/** A supervisor has somebody stay behind the end of their shift, by name, until then, for a reason. */
export function ExtendShift({ shift, onClose }: { shift: Shift; onClose: () => void }) {
  const { t } = useWords();
  const zone = useZone();
  const [until, setUntil] = useKept(`extension of ${shift.id}`, () => wallTime(Date.parse(shift.due) + 2 * HOUR_MS, zone).slice(0, MINUTE));
  const sent = useSent();
  const extend = (reason: string) => sent(() => api.POST("/api/v1/duty/shifts/{shift}/extension", { params: { path: { shift: shift.id } }, body: { until: momentOf(until, zone).toISOString(), reason } }));
  return (
    <AskReason name={`extension of ${shift.id}`} open title={t("shift.extend.title", { name: personName(shift), seat: shift.seat })} help={t("shift.extend.help")} label={t("shift.reason")} okText={t("shift.extend.sure")} ready={until !== ""} onClose={onClose} onSure={extend}>
      <Until value={until} onChange={setUntil} />
    </AskReason>
  );
}

/** A supervisor takes somebody else from a seat at once, for a reason that they are told. */
export function EndShift({ shift, onClose }: { shift: Shift; onClose: () => void }) {
  const { t } = useWords();
  const sent = useSent();
  const end = (reason: string) => sent(() => api.POST("/api/v1/duty/shifts/{shift}/end", { params: { path: { shift: shift.id } }, body: { reason } }));
  return <AskReason name={`end of ${shift.id}`} open danger title={t("shift.end.title", { name: personName(shift), seat: shift.seat })} help={t("shift.end.help")} label={t("shift.end.reason")} okText={t("shift.end.sure")} most={1000} onClose={onClose} onSure={end} />;
}

/** A supervisor lets somebody sign on before their rest is over. */
export function PermitDuty({ centre, onClose }: { centre: Centre; onClose: () => void }) {
  const { t } = useWords();
  const zone = useZone();
  const [user, setUser] = useState<number>();
  const [until, setUntil] = useKept(`permit at ${centre.id}`, () => wallTime(Date.now() + 4 * HOUR_MS, zone).slice(0, MINUTE));
  const sent = useSent();
  const path = { centre: centre.id };
  const found = useQuery({ queryKey: ["duty", "candidates", centre.id], queryFn: () => body(api.GET("/api/v1/duty/centres/{centre}/candidates", { params: { path } })) });
  const people = (found.data?.items ?? []).filter((one) => !one.on_duty);
  const permit = (reason: string) => (user === undefined ? Promise.resolve(false) : sent(() => api.POST("/api/v1/duty/centres/{centre}/permits", { params: { path }, body: { user_id: user, until: momentOf(until, zone).toISOString(), reason } })));
  return (
    <AskReason name={`permit at ${centre.id}`} open title={t("shift.permit.title", { centre: centre.name })} help={t("shift.permit.help")} label={t("shift.reason")} okText={t("shift.permit.sure")} ready={user !== undefined && until !== ""} onClose={onClose} onSure={permit}>
      <div className="fields">
        <label>
          <span>{t("roster.person")}</span>
          <PersonPick people={people} value={user} loading={found.isPending} label={t("roster.person")} testId="permit-person" onChange={setUser} />
        </label>
      </div>
      <Until value={until} onChange={setUntil} />
    </AskReason>
  );
}

function Until({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useWords();
  return (
    <div className="fields">
      <label>
        <span>{t("shift.until")}</span>
        <DateField precision="minute" clearable={false} label={t("shift.until")} testId="stay-until" value={value} onChange={onChange} />
      </label>
    </div>
  );
}

function useSent(): (call: () => Promise<unknown>) => Promise<boolean> {
  const { act } = useAct();
  const queries = useQueryClient();
  return (call) => act(() => call()).finally(() => void queries.invalidateQueries({ queryKey: ["duty"] }));
}
