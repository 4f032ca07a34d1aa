import { useEffect, useRef, type MouseEvent } from "react";
import type { TextKey } from "../../ui/texts";
import { weekdayOf } from "../../ui/days/day-facts";
import { useWords } from "../../ui/language";
import { useZone, wallTime } from "../../ui/zone";
import type { Period } from "../../ui/footage/pieces";
import { ActivityCurve } from "./ActivityCurve";
import type { Curve } from "./activity";
import { ticksOf, within } from "./day";
import { MarkRow, MarkSpans } from "./MarkLayer";
import { MARK_KINDS, type Mark } from "./marks";
import { MarkSign } from "./MarkSign";
import type { WeekDay } from "./week";

export interface WeekLane {
  code: string;
  name: string;
  /** What tickets open. */
  periods: readonly Period[];
  spans: readonly Period[];
  /** How much moves, as far as it is known. */
  curves: readonly Curve[];
}

interface Props {
  days: readonly WeekDay[];
  lanes: readonly WeekLane[];
  marks: readonly Mark[];
  atUs: number;
  current: string | undefined;
  onGo: (atUs: number) => void;
  onMark: (mark: Mark) => void;
  onWeek: (by: 1 | -1) => void;
}

const TICKS = 12;
const [HOUR_US, DAY_US] = [3_600e6, 86_400e6];

/** Seven days below each other, each from midnight to midnight, with hours of its own where clocks are put on or back: which hours hold footage, and where marks are. A click goes to that day and moment. */
export function WeekTimeline({ days, lanes, marks, atUs, current, onGo, onMark, onWeek }: Props) {
  const { t } = useWords();
  const names = new Map(lanes.map((lane) => [lane.code, lane.name]));
  return (
    <div className="week" data-testid="week" role="group" aria-label={t("week.title")} data-lanes={Math.min(lanes.length, 4)}>
      <div className="week-head">
        <button title={t("week.before")} aria-label={t("week.before")} data-testid="week-before" onClick={() => onWeek(-1)}>
          ‹
        </button>
        <button title={t("week.after")} aria-label={t("week.after")} data-testid="week-after" onClick={() => onWeek(1)}>
          ›
        </button>
      </div>
      <div className="week-ticks" aria-hidden>
        {Array.from({ length: TICKS }, (_, at) => (
          <span key={at} style={{ left: `${(at * 100) / TICKS}%` }}>
            {`${String((at * 24) / TICKS).padStart(2, "0")}:00`}
          </span>
        ))}
      </div>
      {days.map((day) => (
        <WeekRow key={day.name} day={day} lanes={lanes} names={names} marks={marks} atUs={atUs} current={current} onGo={onGo} onMark={onMark} />
      ))}
      <p className="mark-legend">
        {MARK_KINDS.map((kind) => (
          <span key={kind}>
            <MarkSign kind={kind} /> {t(`mark.kind.${kind}`)}
          </span>
        ))}
        <span className="quiet">{t(lanes.length > 1 ? "week.help.lanes" : "week.help")}</span>
      </p>
    </div>
  );
}

type RowProps = Omit<Props, "days" | "onWeek"> & { day: WeekDay; names: ReadonlyMap<string, string> };

function WeekRow({ day, lanes, names, marks, atUs, current, onGo, onMark }: RowProps) {
  const { t } = useWords();
  const zone = useZone();
  const isHere = day.fromUs <= atUs && atUs < day.toUs;
  const name = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isHere) name.current?.scrollIntoView({ block: "nearest" });
  }, [isHere]);
  const length = day.toUs - day.fromUs;
  const own = marks.filter((mark) => mark.toUs >= day.fromUs && mark.fromUs < day.toUs);
  const clock = (us: number) => wallTime(us / 1_000, zone).slice("2026-11-26T".length);
  const click = (event: MouseEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    onGo(Math.floor(day.fromUs + ((event.clientX - box.left) / box.width) * length));
  };
  return (
    <>
      <button ref={name} className="week-day" aria-current={isHere ? "date" : undefined} data-testid={`week-day-${day.name}`} onClick={() => onGo(day.fromUs + (isHere ? atUs - day.fromUs : 0))}>
        {day.name.slice(5)} {t(`recording.day.${weekdayOf(day.name) + 1}` as TextKey)}
        {length !== DAY_US && <small> {length / HOUR_US} h</small>}
      </button>
      <div className="week-row" data-testid={`week-${day.name}`}>
        {length !== DAY_US && (
          <div className="week-own-ticks" aria-hidden>
            {ticksOf(day, zone).map((tick) => (
              <span key={tick.left} style={{ left: tick.left }}>
                {clock(tick.atUs).slice(0, 2)}
              </span>
            ))}
          </div>
        )}
        <div className="week-lanes" onClick={click}>
          {lanes.map((lane) => (
            <div key={lane.code} className="timeline-lane" title={lanes.length > 1 ? lane.name : undefined}>
              {lane.periods.map((period) => {
                const place = within(day, period);
                return place && <i key={period.fromUs} className="timeline-open" style={place} />;
              })}
              {lane.spans.map((span) => {
                const place = within(day, span);
                return place && <i key={span.fromUs} className="timeline-span" data-testid="week-span" style={place} title={`${lane.name} ${clock(Math.max(span.fromUs, day.fromUs))} – ${clock(Math.min(span.toUs, day.toUs))}`} />;
              })}
              {lane.curves.map((curve) => curve.period.fromUs < day.toUs && day.fromUs < curve.period.toUs && <ActivityCurve key={curve.period.fromUs} curve={curve} window={day} />)}
            </div>
          ))}
          {isHere && <i className="timeline-here" style={{ left: `${((atUs - day.fromUs) / length) * 100}%` }} />}
        </div>
        <div className="week-marks">
          <MarkSpans marks={own} window={day} />
          <MarkRow marks={own} window={day} current={current} names={lanes.length > 1 ? names : undefined} onGo={onMark} />
        </div>
      </div>
    </>
  );
}
