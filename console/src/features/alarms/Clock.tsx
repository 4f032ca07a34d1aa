import { useWords } from "../../ui/language";
import { stopwatch } from "../../ui/stopwatch";
import type { Work } from "./queue";
import { clockOf, stepOf } from "./work";

/** How much of the time for the next step is left: a bar that shrinks, and behind its end the time that is over. */
export function Clock({ work, now, told = false }: { work: Work; now: number; told?: boolean }) {
  const { t } = useWords();
  const clock = clockOf(work, now);
  if (clock === undefined) return null;
  const { over } = clock;
  const words = t(clock.leftMs < 0 ? `alarms.clock.late.${stepOf(work)}` : `alarms.clock.${clock.step}`, { time: stopwatch(Math.abs(clock.leftMs)) });
  return (
    <span className={over ? "alarm-clock over" : "alarm-clock"} title={words} data-testid="clock" data-over={over}>
      <i style={{ width: `${clock.left * 100}%` }} />
      {told && <span>{words}</span>}
    </span>
  );
}

/** Who was told that it waits too long, or once did. */
export function Escalated({ work }: { work: Work }) {
  const { t } = useWords();
  if (work.escalated === 0 && work.escalated_most === 0) return null;
  const noted = (work.noted_by ?? "") === "" ? "" : t("alarms.noted", { name: work.noted_by ?? "" });
  if (work.escalated === 0) {
    return (
      <span className="was-late" data-testid="was-late" title={t("alarms.wasLate.help")}>
        △ {t("alarms.wasLate")}
      </span>
    );
  }
  return (
    <span className="escalated" data-testid="escalated" data-noted={work.noted_by ?? ""} title={[t(`alarms.late.${stepOf(work)}`), t(work.escalated === 1 ? "alarms.escalated.help" : "alarms.hardLimit.help"), noted].filter((one) => one !== "").join("\n")}>
      {work.escalated === 1 ? "▲" : "▲▲"} {t(`alarms.late.${stepOf(work)}`)} · {noted === "" ? t(work.escalated === 1 ? "alarms.escalated" : "alarms.hardLimit") : noted}
    </span>
  );
}
