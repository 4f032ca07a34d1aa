import { useMemo } from "react";
import type { Period } from "../../ui/footage/pieces";
import { outline, stepOf, TOP, viewOf, type Curve } from "./activity";

/** How much moves, as a quiet outline on a camera's lane. It is drawn once; a window only shows another part of it. */
export function ActivityCurve({ curve, window }: { curve: Curve; window: Period }) {
  const step = stepOf(curve, window);
  const path = useMemo(() => outline(curve.levels, step), [curve, step]);
  const { left, width } = viewOf(curve, window);
  return (
    <svg className="timeline-activity" data-testid="activity" viewBox={`${left} 0 ${width} ${TOP}`} preserveAspectRatio="none" aria-hidden>
      <path d={path} />
    </svg>
  );
}
