import type { Feature, Geometry } from "geojson";
import type { Map as MapLibre, MapMouseEvent } from "maplibre-gl";
import { useEffect, useMemo, useRef, useState } from "react";
import { asPolygon, distanceM, type Place, type Shape } from "../../ui/map/geometry";
import type { Drawn } from "../../ui/map/use-overlay";

export type Tool = "polygon" | "circle";
/** A click as near as this to the first corner closes the polygon: a finger has no double click. */
const CLOSE_PX = 12;

/** Draws a shape by clicks: a circle by its middle and its edge, a polygon corner by corner; Enter or a double click ends it, Backspace takes a corner back, Escape leaves. */
export function useDrawing(map: MapLibre | undefined, tool: Tool | undefined, onDone: (shape: Shape) => void, onLeave: () => void): readonly Drawn[] {
  const [corners, setCorners] = useState<Place[]>([]);
  const [pointer, setPointer] = useState<Place>();
  const now = useRef({ corners, onDone, onLeave });
  useEffect(() => {
    now.current = { corners, onDone, onLeave };
  });
  useEffect(() => {
    if (map === undefined || tool === undefined) return;
    const end = (ring: Place[]) => {
      const distinct = ring.filter((corner, at) => at === 0 || distanceM(corner, ring[at - 1] ?? corner) > 0.01);
      if (distinct.length >= 3) now.current.onDone({ kind: "polygon", corners: distinct });
    };
    const onClick = (event: MapMouseEvent) => {
      const place = event.lngLat.toArray() as Place;
      const { corners: before } = now.current;
      const first = before[0];
      if (tool === "circle" && first !== undefined) {
        if (distanceM(first, place) > 1) now.current.onDone({ kind: "circle", centre: first, radiusM: Math.round(distanceM(first, place)) });
        return;
      }
      if (first !== undefined && before.length >= 3 && map.project(first).dist(event.point) <= CLOSE_PX) return end(before);
      setCorners([...before, place]);
    };
    const onMove = (event: MapMouseEvent) => setPointer(event.lngLat.toArray() as Place);
    const onDouble = () => tool === "polygon" && end(now.current.corners);
    const onKey = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLInputElement) return;
      if (event.key === "Escape") now.current.onLeave();
      else if (event.key === "Enter" && tool === "polygon" && !(event.target instanceof HTMLButtonElement)) end(now.current.corners);
      else if (event.key === "Backspace") setCorners(now.current.corners.slice(0, -1));
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    map.doubleClickZoom.disable();
    map.getCanvas().style.cursor = "crosshair";
    map.on("click", onClick);
    map.on("mousemove", onMove);
    map.on("dblclick", onDouble);
    document.addEventListener("keydown", onKey, true);
    return () => {
      map.doubleClickZoom.enable();
      map.getCanvas().style.cursor = "";
      map.off("click", onClick);
      map.off("mousemove", onMove);
      map.off("dblclick", onDouble);
      document.removeEventListener("keydown", onKey, true);
      setCorners([]);
      setPointer(undefined);
    };
  }, [map, tool]);
  return useMemo(() => begun(tool, corners, pointer), [tool, corners, pointer]);
}

function begun(tool: Tool | undefined, corners: readonly Place[], pointer: Place | undefined): Drawn[] {
  const [first] = corners;
  if (tool === undefined || first === undefined) return [];
  const dots = corners.map((corner): Geometry => ({ type: "Point", coordinates: corner }));
  const to = pointer ?? first;
  if (tool === "circle") return distanceM(first, to) > 1 ? [asPolygon({ kind: "circle", centre: first, radiusM: distanceM(first, to) }), ...dots] : dots;
  const ring = [...corners, to];
  return ring.length < 3 ? [{ type: "LineString", coordinates: ring }, ...dots] : [asPolygon({ kind: "polygon", corners: ring }), ...dots];
}

/** A finished shape as it stays on the map. */
export function drawnShape(shape: Shape, shift: (place: Place) => Place): readonly Feature[] {
  const polygon = asPolygon(shape);
  const ring = (polygon.coordinates[0] ?? []).map((corner) => shift(corner as Place));
  return [{ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } }];
}
