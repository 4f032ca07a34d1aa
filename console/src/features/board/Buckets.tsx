import { useState } from "react";
import { useWords } from "../../ui/language";
import { useTime } from "../../ui/time";
import type { Figures } from "./BoardPage";

const PRIORITIES = [1, 2, 3] as const;
const LABELS = 12;
/** The axis reaches at least this far, so that one alarm is no tower. */
const LEAST = 5;

/** Alarms by hour or day, the most urgent at the foot of each column. */
export function Buckets({ figures }: { figures: Figures }) {
  const { t } = useWords();
  const time = useTime();
  const [pointed, setPointed] = useState<number>();
  const { buckets, span } = figures;
  const sum = (at: number) => buckets[at]?.by_priority.reduce((all, one) => all + one, 0) ?? 0;
  const most = Math.max(LEAST, ...buckets.map((_, at) => sum(at)));
  const every = Math.ceil(buckets.length / LABELS);
  const named = (at: string) => (span === "day" ? time(at).slice("2026-11-30 ".length, -":00".length) : time(at).slice("2026-".length, "2026-11-30".length));
  const said = (at: number) => {
    const one = buckets[at];
    if (one === undefined) return "";
    const parts = PRIORITIES.filter((priority) => (one.by_priority[priority - 1] ?? 0) > 0).map((priority) => `${t(`priority.${priority}`)} ${one.by_priority[priority - 1]}`);
    return [named(one.at), t("board.count", { count: sum(at) }), ...parts, one.false > 0 ? t("board.count.false", { count: one.false }) : ""].filter((part) => part !== "").join(" · ");
  };
  return (
    <section className="card board-buckets" data-testid="board-buckets">
      <h3>
        {t(span === "day" ? "board.hours" : "board.days")}
        <span className="quiet" aria-live="polite">
          {pointed === undefined ? t("board.scale", { most }) : said(pointed)}
        </span>
      </h3>
      <ol aria-label={t(span === "day" ? "board.hours" : "board.days")}>
        {buckets.map((one, at) => (
          <li key={one.at} title={said(at)} aria-label={said(at)} data-count={sum(at)} onPointerEnter={() => setPointed(at)} onPointerLeave={() => setPointed(undefined)}>
            <span className="column" aria-hidden>
              {[...PRIORITIES].reverse().map((priority) => (
                <i key={priority} className={`column-${priority}`} style={{ height: `${((one.by_priority[priority - 1] ?? 0) / most) * 100}%` }} />
              ))}
            </span>
            <span className="quiet" aria-hidden>
              {(buckets.length - 1 - at) % every === 0 ? named(one.at) : ""}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
