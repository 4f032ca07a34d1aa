import type { ReactNode } from "react";
import { useWords } from "../../ui/language";
import { pointCounts, POINT_STATES, type AlarmPoints, type PointState } from "../../ui/map/alarm-points";

/** As on the map, so that a state is read without seeing colours. */
const SIGNS: Record<PointState, ReactNode> = {
  armed: <path d="M5 8h8v5.5H5zM6.4 8V6.6a2.6 2.6 0 0 1 5.2 0V8" className="full" />,
  disarmed: <path d="M5 8h8v5.5H5zM11.5 8V5.6a2.4 2.4 0 0 1 4.6 0" />,
  test: <path d="M5 5h8M9 5v9" />,
  silent: <path d="M5.2 5.2l7.6 7.6M12.8 5.2l-7.6 7.6" />,
  always: <circle cx="9" cy="9" r="3.6" className="full" />,
};
const DASHED: readonly PointState[] = ["test", "silent"];

export function PointSign({ state }: { state: PointState }) {
  return (
    <svg className={`point-sign ${state}`} viewBox="0 0 18 18" width="18" height="18" fill="none" stroke="currentColor" strokeWidth="1.7" aria-hidden>
      <rect x="1.5" y="1.5" width="15" height="15" rx="3" strokeDasharray={DASHED.includes(state) ? "3 2" : undefined} />
      {SIGNS[state]}
    </svg>
  );
}

/** What the marks of alarm points mean, and how many of each there are. */
export function AlarmLegend({ points }: { points: AlarmPoints }) {
  const { t } = useWords();
  const found = pointCounts(points);
  return (
    <div className="alarm-legend" role="group" aria-label={t("situation.points")} data-testid="alarm-legend">
      {found.ringing > 0 && (
        <span className="ringing">
          <i aria-hidden>!</i> {t("situation.points.ringing")} <b>{found.ringing}</b>
        </span>
      )}
      {POINT_STATES.filter((one) => found[one] > 0).map((one) => (
        <span key={one}>
          <PointSign state={one} /> {t(`situation.points.${one}`)} <b>{found[one]}</b>
        </span>
      ))}
      {points.unplaced > 0 && <span className="quiet">{t("situation.points.unplaced", { count: points.unplaced })}</span>}
    </div>
  );
}
