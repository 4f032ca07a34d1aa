import { span } from "../figures";
import { useWords } from "../language";
import { CAUSE_MARKS, CAUSES, type DayFacts } from "./day-facts";

/** Why something is missing, each cause with its mark and how long. */
export function CauseMarks({ missing }: { missing: DayFacts["missing"] }) {
  const { t } = useWords();
  const there = CAUSES.filter((cause) => missing[cause] >= 0.5);
  return (
    <span className="cause-marks">
      {there.map((cause) => (
        <span key={cause} className={`cause-${cause}`}>
          <i aria-hidden="true">{CAUSE_MARKS[cause]}</i> {t(`days.cause.${cause}`)} <b>{span(missing[cause])}</b>
        </span>
      ))}
    </span>
  );
}
