import { shareOf, stateOf, type DayFacts } from "./day-facts";
import "./days.css";

const SIDE = 16;

/** A day as a picture: filled as high as it is recorded, with a notch where little is missing, crossed where nothing is there. */
export function DayPicture({ day }: { day: DayFacts | undefined }) {
  const state = stateOf(day);
  const share = day === undefined ? 0 : shareOf(day);
  // What is missing is seen, and so is what is there.
  const height = state === "whole" ? SIDE : state === "notDue" || state === "nothing" ? 0 : Math.min(SIDE - 3, Math.max(2, share * SIDE));
  return (
    <svg className={`day-picture day-${state}`} viewBox={`0 0 ${SIDE} ${SIDE}`} aria-hidden="true">
      <rect className="frame" x={0.5} y={0.5} width={SIDE - 1} height={SIDE - 1} />
      <rect className="there" x={0} y={SIDE - height} width={SIDE} height={height} />
      {state === "nothing" && <path d="M4 4 12 12M12 4 4 12" />}
    </svg>
  );
}
