import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef, useState, type KeyboardEvent } from "react";
import { useWords } from "../../ui/language";
import { StatusMark } from "../../ui/status";
import { forWall } from "./for-wall";
import { stateAt, type Points } from "./points";

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
  const scroll = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const virtual = useVirtualizer({ count: places.length, getScrollElement: () => scroll.current, estimateSize: () => ROW_PX, overscan: 10, initialRect: { width: 300, height: 700 } });
  const go = (to: number) => {
    const at = Math.max(0, Math.min(places.length - 1, to));
    setActive(at);
    virtual.scrollToIndex(at);
  };
  const onKey = (event: KeyboardEvent) => {
    const sheet = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / ROW_PX) - 1);
    const steps: Record<string, () => void> = {
      ArrowDown: () => go(active + 1),
      ArrowUp: () => go(active - 1),
      PageDown: () => go(active + sheet),
      PageUp: () => go(active - sheet),
      Home: () => go(0),
      End: () => go(places.length - 1),
      Enter: () => places[active] !== undefined && onChoose(places[active]),
      " ": () => places[active] !== undefined && onChoose(places[active]),
    };
    const step = steps[event.key];
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
              draggable
              onDragStart={(event) => event.dataTransfer.setData("text/plain", JSON.stringify(forWall(points, place)))}
              onClick={() => {
                setActive(item.index);
                onChoose(place);
              }}
            >
              <StatusMark status={stateAt(points, place)} />
              <span className="name">{points.names[place]}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
