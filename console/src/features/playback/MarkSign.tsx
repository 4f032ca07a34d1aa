import { CAUSE_MARKS } from "../../ui/days/day-facts";
import { causeOf, type Mark, type MarkKind } from "./marks";

/** Drawn, not written: a sign is the same in every font. A pennant is somebody's words, a bell an alarm, a lozenge something that was recorded for. */
const SIGNS: Record<Exclude<MarkKind, "gap">, string> = { bookmark: "M3 1v12M3 1.5h8l-2.5 2.8L11 7H3z", alarm: "M7 1.5C4.6 1.5 3.5 3.4 3.5 6v2.5L2 10.5h10l-1.5-2V6c0-2.6-1.1-4.5-3.5-4.5zM5.5 12h3z", event: "M7 1l6 6-6 6-6-6z" };

/** What a mark is, by its shape; a gap by the sign of its cause, without a mark by all of them. */
export function MarkSign({ kind, mark, more = 0 }: { kind: MarkKind; mark?: Mark | undefined; more?: number }) {
  return (
    <span className={`mark-sign sign-${kind} ${kind === "gap" && mark === undefined ? "every" : ""}`} aria-hidden>
      {kind === "gap" ? (
        <b>{mark?.kind === "gap" ? CAUSE_MARKS[causeOf(mark.gap)] : Object.values(CAUSE_MARKS).join("")}</b>
      ) : (
        <svg viewBox="0 0 14 14" width="13" height="13">
          <path d={SIGNS[kind]} fill="currentColor" stroke="currentColor" strokeWidth="1.4" strokeLinejoin="round" />
        </svg>
      )}
      {more > 0 && <small>{more + 1}</small>}
    </span>
  );
}
