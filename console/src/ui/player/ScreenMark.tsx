import { useContext, useEffect, useState } from "react";
import { useTime } from "../time";
import { ViewerContext } from "../viewer";

const [STEP_S, MOVES_S] = [12, 10];
/** The copies are so many seconds apart on the same way. */
const APART_S = 5 * STEP_S;

/** Where the mark stands at a step's beginning, in hundredths of the picture: never the same corner twice in a row. */
const corner = (step: number) => ({ left: 8 + ((step * 37) % 46), top: 12 + ((step * 29) % 58) });

/** Where the mark stands at a second: it creeps with its clock. A browser would paint a smooth way sixty times a second, on each picture of a wall. */
export function markAt(second: number): { left: string; top: string } {
  const step = Math.floor(second / STEP_S);
  const share = Math.min(1, (second % STEP_S) / MOVES_S);
  const [from, to] = [corner(step), corner(step + 1)];
  return { left: `${(from.left + (to.left - from.left) * share).toFixed(1)}%`, top: `${(from.top + (to.top - from.top) * share).toFixed(1)}%` };
}

/** A faint moving mark with person, unit and time on a picture: whoever films the screen is named by it (rule A49). */
export function ScreenMark() {
  const viewer = useContext(ViewerContext);
  const time = useTime();
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 1000);
    return () => clearInterval(timer);
  }, []);
  const second = Math.floor(now.getTime() / 1000);
  const text = [viewer.name, viewer.unit, time(now.toISOString())].filter((part) => part !== "").join(" · ");
  return (
    <div className="screen-mark" aria-hidden data-testid="screen-mark">
      {[second, second + APART_S].map((one, copy) => (
        <span key={copy} style={markAt(one)}>
          {text}
        </span>
      ))}
    </div>
  );
}
