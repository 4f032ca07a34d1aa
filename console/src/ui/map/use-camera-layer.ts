import type { Point } from "geojson";
import type { GeoJSONSource, Map as MapLibre, MapMouseEvent, PointLike } from "maplibre-gl";
import { useCallback, useEffect, useRef, useState } from "react";
import { CAMERAS } from "./camera-layers";
import { alarmMarkAt } from "./use-alarm-layer";
import type { Place } from "./geometry";
import { changed, digitAt, isEverything, marks, type Points, type Shown } from "./points";

/** More changes than this at once are drawn as a whole. */
const FEW = 5_000;
/** So many of a cluster's cameras that nothing parts are offered as a list. */
const LISTED = 200;

/** Keeps the cameras on the map as they are: all of them when others are to be shown, else the changed ones alone. */
export function useCameraLayer(map: MapLibre | undefined, points: Points | undefined, shown: Shown, shift: (place: Place) => Place): void {
  const drawn = useRef<{ map: MapLibre; points: Points; shown: Shown }>(undefined);
  useEffect(() => {
    if (map === undefined || points === undefined) return;
    const source = map.getSource<GeoJSONSource>(CAMERAS);
    if (source === undefined) return;
    const before = drawn.current;
    drawn.current = { map, points, shown };
    const same = before?.map === map && before.shown === shown && isEverything(shown);
    const news = same ? changed(before.points, points) : undefined;
    if (news === undefined || news.length > FEW) void source.setData(marks(points, shown, shift));
    else if (news.length > 0) void source.updateData({ update: news.map((id) => ({ id, addOrUpdateProperties: [{ key: "s", value: digitAt(points, id) }] })) });
  }, [map, points, shown, shift]);
}

/** A camera's own mark under the pointer, in pixels of the map. */
export interface Over {
  at: number;
  x: number;
  y: number;
}

interface Marks {
  over: Over | undefined;
  leave: () => void;
  /** As a click on the map itself at that pixel. */
  click: (x: number, y: number) => void;
}

const NOTHING = () => undefined;

/** Clicks on what is drawn: one camera, several on one spot, a cluster that opens; and the mark that the pointer is on. `at`: places in the columns. */
export function useCameraMarks(map: MapLibre | undefined, active: boolean, onCameras: (at: number[]) => void): Marks {
  const tell = useRef(onCameras);
  const [over, setOver] = useState<Over>();
  const click = useRef<Marks["click"]>(NOTHING);
  useEffect(() => {
    tell.current = onCameras;
  }, [onCameras]);
  useEffect(() => {
    if (map === undefined || !active) return;
    const drawn = (point: PointLike) => map.queryRenderedFeatures(point, { layers: [CAMERAS, "clusters"] });
    const onPoint = (point: PointLike) => {
      const found = drawn(point);
      const cluster = found.find((one) => one.layer.id === "clusters");
      if (cluster === undefined) return found.length > 0 ? tell.current([...new Set(found.map((one) => Number(one.id)))]) : undefined;
      const source = map.getSource<GeoJSONSource>(CAMERAS);
      const id = Number(cluster.properties["cluster_id"]);
      void source?.getClusterExpansionZoom(id).then(async (zoom) => {
        const leaves = Number(cluster.properties["point_count"]) <= LISTED ? await source.getClusterLeaves(id, LISTED, 0) : [];
        const spots = new Set(leaves.map((one) => JSON.stringify(one.geometry)));
        if (spots.size === 1) return tell.current(leaves.map((one) => Number(one.id)));
        if (cluster.geometry.type === "Point") map.easeTo({ center: cluster.geometry.coordinates as [number, number], zoom: Math.min(zoom + 0.3, map.getMaxZoom()), duration: 350 });
      });
    };
    click.current = (x, y) => onPoint([x, y]);
    const onClick = (event: MapMouseEvent) => void (alarmMarkAt(map, event.point) ?? onPoint(event.point));
    const onMove = (event: MapMouseEvent) => {
      const found = drawn(event.point);
      map.getCanvas().style.cursor = found.length > 0 ? "pointer" : "";
      const [mark] = found;
      const isCamera = mark !== undefined && mark.layer.id === CAMERAS && mark.geometry.type === "Point" && !map.isMoving();
      setOver(isCamera ? { at: Number(mark.id), ...pixelOf(map, mark.geometry as Point) } : undefined);
    };
    const leave = () => setOver(undefined);
    map.on("click", onClick);
    map.on("mousemove", onMove);
    map.on("movestart", leave);
    return () => {
      map.off("click", onClick);
      map.off("mousemove", onMove);
      map.off("movestart", leave);
      map.getCanvas().style.cursor = "";
      click.current = NOTHING;
      leave();
    };
  }, [map, active]);
  const leave = useCallback(() => setOver(undefined), []);
  return { over, leave, click: useCallback((x: number, y: number) => click.current(x, y), []) };
}

function pixelOf(map: MapLibre, { coordinates }: Point): { x: number; y: number } {
  const { x, y } = map.project(coordinates as [number, number]);
  return { x, y };
}
