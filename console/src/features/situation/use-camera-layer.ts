import type { GeoJSONSource, Map as MapLibre, MapMouseEvent } from "maplibre-gl";
import { useEffect, useRef } from "react";
import { CAMERAS } from "./camera-layers";
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

/** Clicks on what is drawn: one camera, several on one spot, a cluster that opens. `at`: places in the columns. */
export function useCameraClicks(map: MapLibre | undefined, active: boolean, onCameras: (at: number[]) => void): void {
  const tell = useRef(onCameras);
  useEffect(() => {
    tell.current = onCameras;
  }, [onCameras]);
  useEffect(() => {
    if (map === undefined || !active) return;
    const onClick = (event: MapMouseEvent) => {
      const found = map.queryRenderedFeatures(event.point, { layers: [CAMERAS, "clusters"] });
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
    const onMove = (event: MapMouseEvent) => {
      map.getCanvas().style.cursor = map.queryRenderedFeatures(event.point, { layers: [CAMERAS, "clusters"] }).length > 0 ? "pointer" : "";
    };
    map.on("click", onClick);
    map.on("mousemove", onMove);
    return () => {
      map.off("click", onClick);
      map.off("mousemove", onMove);
      map.getCanvas().style.cursor = "";
    };
  }, [map, active]);
}
