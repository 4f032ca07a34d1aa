import { App } from "antd";
import { useEffect, useState, type DragEvent } from "react";
import { useWords } from "../../ui/language";
import { areaOf } from "../../ui/wall-grid";
import { droppedCamera, gridOf, keepWall, keptWall, nextWall, shownTiles } from "../../ui/wall-state";

/** Whether a camera is being dragged over this page. */
function useDragging(): boolean {
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const begin = (event: globalThis.DragEvent) => {
      if (event.dataTransfer?.types.includes("text/plain") === true) timer = setTimeout(() => setDragging(true)); // a page that changes at once ends the drag
    };
    const end = () => {
      clearTimeout(timer);
      setDragging(false);
    };
    document.addEventListener("dragstart", begin);
    document.addEventListener("dragend", end);
    document.addEventListener("drop", end); // a mark that is gone meanwhile tells of no end
    return () => {
      clearTimeout(timer);
      document.removeEventListener("dragstart", begin);
      document.removeEventListener("dragend", end);
      document.removeEventListener("drop", end);
    };
  }, []);
  return dragging;
}

/** The wall of this window, small, while a camera is dragged: it is dropped on the tile on which it shall play. */
export function WallDock() {
  const { t } = useWords();
  const { notification } = App.useApp();
  const dragging = useDragging();
  const [under, setUnder] = useState<number>();
  if (!dragging) return null;
  const wall = keptWall();
  const grid = gridOf(wall);
  const tiles = shownTiles(wall);
  const drop = (event: DragEvent, at: number) => {
    event.preventDefault();
    setUnder(undefined);
    const camera = droppedCamera(event.dataTransfer.getData("text/plain"));
    if (camera === undefined) return;
    keepWall(nextWall(wall, { kind: "show", camera, at }));
    notification.success({ title: t("situation.docked", { name: camera.name, number: at + 1 }), placement: "bottomRight", duration: 3 });
  };
  return (
    <div className="wall-dock" data-testid="wall-dock">
      <b>{t("situation.dock")}</b>
      <div style={{ gridTemplate: `repeat(${grid.rows}, 1fr) / repeat(${grid.columns}, 1fr)` }}>
        {grid.boxes.map((box, at) => (
          <span
            key={at}
            className={at === under ? "under" : ""}
            style={{ gridArea: areaOf(box) }}
            data-testid={`dock-${at}`}
            onDragOver={(event) => {
              event.preventDefault();
              setUnder(at);
            }}
            onDragLeave={() => setUnder(undefined)}
            onDrop={(event) => drop(event, at)}
          >
            {tiles[at]?.name ?? at + 1}
          </span>
        ))}
      </div>
    </div>
  );
}
