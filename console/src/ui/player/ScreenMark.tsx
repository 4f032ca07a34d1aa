import { useContext, useEffect, useState } from "react";
import { useTime } from "../time";
import { ViewerContext } from "../viewer";

const MOVE_EVERY_S = 12;

/** Where the mark stands in its step: shares of the picture, never the same corner twice in a row, whole periods apart for the halves. */
export function placeOf(step: number): { left: string; top: string } {
  return { left: `${8 + ((step * 37) % 46)}%`, top: `${12 + ((step * 29) % 58)}%` };
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
  const step = Math.floor(now.getTime() / 1000 / MOVE_EVERY_S);
  const text = [viewer.name, viewer.unit, time(now.toISOString())].filter((part) => part !== "").join(" · ");
  return (
    <div className="screen-mark" aria-hidden data-testid="screen-mark">
      {[step, step + 5].map((one, copy) => (
        <span key={copy} style={placeOf(one)}>
          {text}
        </span>
      ))}
    </div>
  );
}
