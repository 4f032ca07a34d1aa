import { Switch } from "antd";
import { api, type Schemas } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import { useTime } from "../../ui/time";
import type { Telling } from "./use-own-position";

interface Props {
  unit: Schemas["PatrolUnitShape"];
  onDuty: boolean;
  tells: boolean;
  telling: Telling;
  onTells: (on: boolean) => void;
  onChanged: () => Promise<unknown>;
}

/** Which unit it is, and the two switches: on duty, and whether the phone says where it is. */
export function DutyBar({ unit, onDuty, tells, telling, onTells, onChanged }: Props) {
  const { t } = useWords();
  const time = useTime();
  const { busy, act } = useAct();
  const serve = (on: boolean) => void act(async () => {
    await api.POST("/api/v1/patrol/duty", { body: { on } });
    await onChanged();
  });
  const said = () => {
    if (!onDuty) return t("patrol.own.position.offDuty");
    if (telling.kind === "off") return t("patrol.own.position.off");
    if (telling.kind === "waiting") return t("patrol.own.position.waiting");
    if (telling.kind === "denied") return t("patrol.own.position.denied");
    if (telling.kind === "unable") return t("patrol.own.position.unable");
    if (telling.kind === "not-sent") return t("patrol.own.position.notSent");
    return t("patrol.own.position.sent", { time: time(new Date(telling.atMs).toISOString()).slice(-8), metres: Math.max(1, Math.round(telling.accuracy)) });
  };
  return (
    <section className="patrol-duty">
      <div>
        <b data-testid="patrol-unit">{unit.call_sign}</b>
        <span className={`patrol-status patrol-${unit.status}`} data-testid="patrol-status">{t(`unit.status.${unit.status}`)}</span>
      </div>
      <label>
        <Switch checked={onDuty} loading={busy} disabled={unit.task !== null} data-testid="patrol-duty" onChange={serve} /> {t("patrol.own.duty")}
      </label>
      <label>
        <Switch checked={tells} data-testid="patrol-tells" onChange={onTells} /> {t("patrol.own.position")}
      </label>
      <p className="quiet" role="status" data-testid="patrol-telling" data-telling={onDuty ? telling.kind : "off"}>{said()}</p>
    </section>
  );
}
