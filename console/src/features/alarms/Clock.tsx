import { useWords } from "../../ui/language";
import { stopwatch } from "./age";
import type { Work } from "./queue";
import { clockOf } from "./work";

/** How much of the time for the next step is left: a bar that shrinks, and behind its end the time that is over. */
export function Clock({ work, now, told = false }: { work: Work; now: number; told?: boolean }) {
  const { t } = useWords();
  const clock = clockOf(work, now);
  if (clock === undefined) return null;
  const over = clock.leftMs < 0;
  const words = t(over ? "alarms.clock.over" : work.state === "open" ? "alarms.clock.take" : "alarms.clock.verify", { time: stopwatch(Math.abs(clock.leftMs)) });
  return (
    <span className={over ? "alarm-clock over" : "alarm-clock"} title={words} data-testid="clock" data-over={over}>
      <i style={{ width: `${clock.left * 100}%` }} />
      {told && <span>{words}</span>}
    </span>
  );
}

/** Who was told that it waits too long. */
export function Escalated({ work }: { work: Work }) {
  const { t } = useWords();
  if (work.escalated === 0) return null;
  return (
    <span className="escalated" data-testid="escalated" title={t(work.escalated === 1 ? "alarms.escalated.help" : "alarms.hardLimit.help")}>
      {work.escalated === 1 ? "▲" : "▲▲"} {t(work.escalated === 1 ? "alarms.escalated" : "alarms.hardLimit")}
    </span>
  );
}
