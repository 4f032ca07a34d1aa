import type { KeyboardEvent } from "react";
import { useWords } from "../../ui/language";
import { CameraCell, dragged } from "../../ui/list/camera-cell";
import { useRows } from "../../ui/list/use-rows";
import { forWall } from "./for-wall";
import { stateAt, type Points } from "../../ui/map/points";

const ROW_PX = 26;

interface Props {
  points: Points;
  /** Of the cameras, their places in the columns. */
  places: readonly number[];
  chosen: string | undefined;
  label: string;
  empty: string;
  onChoose: (at: number) => void;
}

/** Cameras as rows, as many as there are: only those on screen are drawn. */
export function CameraRows({ points, places, chosen, label, empty, onChoose }: Props) {
  const { t } = useWords();
  const { scroll, active, setActive, virtual, steps } = useRows({ count: places.length, rowPx: ROW_PX });
  const onKey = (event: KeyboardEvent) => {
    const place = places[active];
    const step = event.key === "Enter" || event.key === " " ? () => place !== undefined && onChoose(place) : steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    step();
  };
  const at = Math.min(active, Math.max(0, places.length - 1));
  return (
    <div ref={scroll} className="rows" role="listbox" tabIndex={0} aria-label={label} aria-activedescendant={places.length > 0 ? `situation-row-${at}` : undefined} data-testid="situation-rows" onKeyDown={onKey}>
      {places.length === 0 && <div className="hint" role="presentation">{empty}</div>}
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map((item) => {
          const place = places[item.index] ?? 0;
          const code = points.codes[place] ?? "";
          return (
            <div
              key={item.key}
              id={`situation-row-${item.index}`}
              className={["row", code === chosen ? "chosen" : "", item.index === at ? "at" : ""].join(" ")}
              style={{ height: ROW_PX, transform: `translateY(${item.start}px)` }}
              role="option"
              aria-selected={code === chosen}
              aria-setsize={places.length}
              aria-posinset={item.index + 1}
              title={`${points.names[place] ?? ""}\n${code}\n${t(`class.${points.classes[place] ?? "government"}`)}`}
              data-testid={`situation-${code}`}
              {...dragged(forWall(points, place))}
              onClick={() => {
                setActive(item.index);
                onChoose(place);
              }}
            >
              <CameraCell status={stateAt(points, place)} name={points.names[place]} />
            </div>
          );
        })}
      </div>
    </div>
  );
}
