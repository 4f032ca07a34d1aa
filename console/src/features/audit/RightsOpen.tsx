import type { Schemas } from "../../api-client/client";
import { useTime } from "../../ui/time";
import { useAuditWords } from "./words";

/** What was open to the person besides the posts: policy pack, shift, use tickets, lifted masks. */
export function RightsOpen({ told }: { told: Schemas["RightsThen"] }) {
  const { t, te } = useAuditWords();
  const time = useTime();
  const until = (at: string) => t("audit.rights.untilAt", { at: time(at) });
  const area = (code: string, name: string) => (code ? `${name} ${code}` : "");
  const { shift } = told;
  return (
    <dl className="record-facts" data-testid="rights-open">
      <div>
        <dt>{t("audit.field.policy")}</dt>
        <dd>{told.policy || t("audit.rights.noPolicy")}</dd>
      </div>
      <div>
        <dt>{t("audit.rights.shift")}</dt>
        <dd>{shift ? [shift.ticket, area(shift.area, shift.area_name) || t("audit.rights.everywhere"), until(shift.until)].join(" · ") : t(told.duty_kept ? "audit.rights.offDuty" : "audit.rights.dutyNotKept")}</dd>
      </div>
      {told.tickets.map((one) => (
        <div key={one.ticket}>
          <dt>{t("audit.rights.ticket")}</dt>
          <dd>
            {[one.ticket, one.case, te(`purpose.${one.purpose}`), one.legal_basis, area(one.area, one.area_name), one.cameras.join("、"), one.left_out > 0 ? t("audit.rights.leftOut", { count: String(one.left_out) }) : "", until(one.expires_at)].filter(Boolean).join(" · ")}
          </dd>
        </div>
      ))}
      {told.lifts.map((one) => (
        <div key={`${one.camera}-${one.until}`}>
          <dt>{t("audit.rights.lift")}</dt>
          <dd>{[one.camera, one.ticket, until(one.until)].join(" · ")}</dd>
        </div>
      ))}
    </dl>
  );
}
