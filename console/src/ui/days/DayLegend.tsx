import { useWords } from "../language";
import { DayPicture } from "./DayPicture";
import type { DayFacts, DayState } from "./day-facts";

const missing = (seconds: number): DayFacts => ({ day: "", due_s: 100, recorded_s: 100 - seconds, missing: { device: seconds, node: 0, disk: 0, line: 0, unknown: 0 } });
const SAMPLES: Record<DayState, DayFacts | undefined> = { whole: missing(0), some: missing(1), little: missing(50), nothing: missing(100), notDue: undefined };

/** What the pictures of days mean. */
export function DayLegend() {
  const { t } = useWords();
  return (
    <p className="day-legend">
      {(Object.keys(SAMPLES) as DayState[]).map((state) => (
        <span key={state}>
          <DayPicture day={SAMPLES[state]} /> {t(`days.${state}`)}
        </span>
      ))}
    </p>
  );
}
