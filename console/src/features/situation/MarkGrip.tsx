import type { Map as MapLibre } from "maplibre-gl";
import { dragged } from "../../ui/list/camera-cell";
import type { Shown } from "../../ui/wall-state";
import type { Over } from "../../ui/map/use-camera-layer";

interface Props {
  map: MapLibre | undefined;
  over: Over;
  camera: Shown;
  onClick: (x: number, y: number) => void;
  onLeave: () => void;
}

/** Lies on the mark under the pointer: a mark drawn on a canvas cannot be dragged, this can. */
export function MarkGrip({ map, over, camera, onClick, onLeave }: Props) {
  return (
    <div
      className="mark-grip"
      style={{ left: over.x, top: over.y }}
      title={camera.name}
      data-testid="mark-grip"
      {...dragged(camera)}
      onClick={() => onClick(over.x, over.y)}
      onMouseLeave={onLeave}
      onWheel={(event) => {
        onLeave();
        map?.getCanvasContainer().dispatchEvent(new WheelEvent("wheel", event.nativeEvent));
      }}
    />
  );
}
