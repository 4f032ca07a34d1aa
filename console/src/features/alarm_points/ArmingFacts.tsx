import { WeekStrip } from "../../ui/hours/WeekStrip";
import { useWords } from "../../ui/language";
import { useTime } from "../../ui/time";
import type { Host, Point } from "./host";

/** Whether a host is armed, as it told, and when it is to be. */
export function ArmingFacts({ host }: { host: Host }) {
  const { t } = useWords();
  const time = useTime();
  const state = host.armed === null ? t("points.armed.untold") : t(host.armed ? "points.armed.since" : "points.disarmed.since", { at: host.armed_since === null ? "" : time(host.armed_since) });
  if (host.arming === null) return <>{`${state} · ${t("points.arming.none")}`}</>;
  return (
    <>
      {`${state} · ${t(host.due === true ? "points.due" : "points.due.not")} · ${t("points.arming.grace.said", { minutes: host.arming.grace_min })}`}
      <div className="points-week">
        <WeekStrip hours={host.arming.hours} label={t("points.arming")} />
      </div>
    </>
  );
}

/** Whether burglary at a point rings; nothing where nobody said when it is to be armed. */
export function PointArmed({ point }: { point: Point }) {
  const { t } = useWords();
  if (point.armed === null || point.kind === "button") return null; // which rings whenever it is pressed
  return (
    <span className="quiet" data-testid={`armed-${point.zone}`}>
      {` · ${t(point.armed ? "points.armed" : "points.disarmed")}${point.arming === null ? "" : ` (${t("points.arming.own")})`}`}
    </span>
  );
}
