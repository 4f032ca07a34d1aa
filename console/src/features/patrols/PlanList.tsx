import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Button, Popconfirm } from "antd";
import { api, body } from "../../api-client/client";
import { ActButton, useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import { useShortTime, useTime } from "../../ui/time";
import { CameraName } from "../../ui/CameraPick";
import type { Day, Plan } from "./shapes";

interface Props {
  plans: readonly Plan[];
  /** The reader is on duty at their centre. */
  there: boolean;
  onChange: (plan: Plan) => void;
}

/** The plans of a centre: when, what, and the way to begin one by hand. */
export function PlanList({ plans, there, onChange }: Props) {
  const { t } = useWords();
  const time = useTime();
  const short = useShortTime();
  const go = useNavigate();
  const queries = useQueryClient();
  const { act } = useAct();
  const stale = () => queries.invalidateQueries({ queryKey: ["duty", "patrols"] });
  const begin = async (plan: number) => {
    const { round } = await body(api.POST("/api/v1/video-patrols/plans/{plan}/rounds", { params: { path: { plan } } }));
    void stale();
    await go({ to: "/patrols/rounds/$round", params: { round: String(round.id) } });
  };
  const remove = (plan: number) => act(() => api.DELETE("/api/v1/video-patrols/plans/{plan}", { params: { path: { plan } } }).then(stale));
  if (plans.length === 0) return <p className="quiet">{t("patrol.plans.none")}</p>;
  return (
    <ul className="patrol-plans">
      {plans.map((one) => (
        <li key={one.id} data-testid={`plan-${one.id}`}>
          <div className="patrol-plan-head">
            <b>{one.name}</b>
            <span>{one.times.length === 0 ? t("patrol.plan.hand") : one.times.join("  ")}</span>
            {one.times.length > 0 && <span className="quiet">{one.weekdays.length === 7 ? t("patrol.plan.daily") : one.weekdays.map((day) => t(`patrol.day.${day as Day}`)).join(" ")}</span>}
            <span className="grow" />
            {there && (
              <ActButton size="small" act={() => begin(one.id)} data-testid={`by-hand-${one.id}`}>
                {t("patrol.byHand")}
              </ActButton>
            )}
            {one.manages && (
              <Button size="small" data-testid={`change-${one.id}`} onClick={() => onChange(one)}>
                {t("patrol.plan.change")}
              </Button>
            )}
            {one.manages && (
              <Popconfirm title={t("patrol.plan.remove.sure")} okText={t("patrol.plan.remove")} cancelText={t("cancel")} onConfirm={() => remove(one.id)}>
                <Button size="small" data-testid={`remove-${one.id}`}>
                  {t("patrol.plan.remove")}
                </Button>
              </Popconfirm>
            )}
          </div>
          <ol className="patrol-plan-stops">
            {one.stops.map((stop, at) => (
              <li key={at}>
                <span>
                  <CameraName code={stop.camera} />
                </span>
                <span className="quiet">{stop.look_for}</span>
                <span className="quiet">{stop.watch_s} s</span>
              </li>
            ))}
          </ol>
          <p className="quiet">
            {t("patrol.plan.minutes", { minutes: one.tolerance_s / 60 })}
            {one.next_due !== null && ` · ${t("patrol.plan.next", { at: short(one.next_due) })}`} · {t("patrol.plan.set", { version: one.version, name: one.set_by, at: time(one.set_at).slice(0, -":00".length) })}
          </p>
        </li>
      ))}
    </ul>
  );
}
