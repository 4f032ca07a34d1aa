import { useWords } from "../language";
import "./hours.css";
import { KINDS, parts, type Hours } from "./week";

/** A week at a glance: a line for each day and one for holidays, from midnight to midnight. */
export function WeekStrip({ hours, label }: { hours: readonly Hours[]; label: string }) {
  const { t } = useWords();
  return (
    <div className="week-strip" role="img" aria-label={label} data-testid="week-strip">
      {KINDS.map((kind) => (
        <div key={kind} className="week-day">
          <span>{t(`recording.day.${kind}`)}</span>
          <svg viewBox="0 0 24 1" preserveAspectRatio="none" aria-hidden="true">
            {parts(hours, kind).map((part, index) => (
              <rect key={index} x={part.from * 24} y={0} width={(part.to - part.from) * 24} height={1} />
            ))}
          </svg>
        </div>
      ))}
      <div className="week-day week-scale" aria-hidden="true">
        <span />
        <div>
          {[0, 6, 12, 18, 24].map((hour) => (
            <i key={hour}>{hour}</i>
          ))}
        </div>
      </div>
    </div>
  );
}
