import { CLASSES } from "../../ui/camera-classes";
import { useWords } from "../../ui/language";
import { StatusMark } from "../../ui/status";
import { counts, STATES, type Points, type Shown } from "../../ui/map/points";
import { useMemo } from "react";

function toggled<T>(set: ReadonlySet<T>, one: T): ReadonlySet<T> {
  const next = new Set(set);
  if (!next.delete(one)) next.add(one);
  return next;
}

/** Which states and classes are on the map and in the lists, with how many there are of each; the legend at the same time. */
export function Filter({ points, shown, onShown }: { points: Points; shown: Shown; onShown: (shown: Shown) => void }) {
  const { t } = useWords();
  const found = useMemo(() => counts(points), [points]);
  return (
    <div className="filter">
      <div className="states" role="group" aria-label={t("situation.states")}>
        {STATES.map((state) => (
          <button key={state} aria-pressed={shown.states.has(state)} data-testid={`show-${state}`} onClick={() => onShown({ ...shown, states: toggled(shown.states, state) })}>
            <StatusMark status={state} withText />
            <b>{found.states[state]}</b>
          </button>
        ))}
      </div>
      <details>
        <summary>
          {t("class.title")} {shown.classes.size < CLASSES.length && <b>{`${shown.classes.size}/${CLASSES.length}`}</b>}
        </summary>
        {CLASSES.map((one) => (
          <label key={one}>
            <input type="checkbox" checked={shown.classes.has(one)} data-testid={`show-${one}`} onChange={() => onShown({ ...shown, classes: toggled(shown.classes, one) })} />
            <ClassMark camera={one} />
            {t(`class.${one}`)} <b>{found.classes[one]}</b>
          </label>
        ))}
      </details>
    </div>
  );
}

const OUTLINES: Record<(typeof CLASSES)[number], string> = {
  government: "M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2z",
  "operating-unit": "M3 3h10v10H3z",
  private: "M8 1.5l5.6 3.2v6.6L8 14.5l-5.6-3.2V4.7z",
  "police-internal": "M8 2l6 11H2z",
  restricted: "M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5z",
};

/** The outline that a class has on the map. */
function ClassMark({ camera }: { camera: (typeof CLASSES)[number] }) {
  return (
    <svg viewBox="0 0 16 16" width="14" height="14" fill="none" stroke="currentColor" strokeWidth="1.6" aria-hidden>
      <path d={OUTLINES[camera]} />
    </svg>
  );
}
