import type { GeoJSONSource, Map as MapLibre, MapGeoJSONFeature, MapMouseEvent } from "maplibre-gl";
import { useEffect, useRef } from "react";
import { MARK_PX, SQUARE_PX } from "./alarm-icons";
import { ALARM_CLUSTERS, ALARM_POINTS, RINGING } from "./alarm-layers";
import { pointMarks, ringingMarks, type AlarmPoints } from "./alarm-points";
import type { Place } from "./geometry";

const LAYERS = [RINGING, ALARM_POINTS, ALARM_CLUSTERS];
/** So many of a group that nothing parts are offered as a list. */
const LISTED = 200;

interface Pixel {
  x: number;
  y: number;
}

/** The mark of an alarm point under a pixel, its stem left out: below that a camera may stand. */
export function alarmMarkAt(map: MapLibre, { x, y }: Pixel): MapGeoJSONFeature | undefined {
  return map.queryRenderedFeatures([x, y], { layers: LAYERS }).find(({ geometry }) => {
    if (geometry.type !== "Point") return false;
    const place = map.project(geometry.coordinates as Place);
    const above = place.y - y;
    return above >= MARK_PX - SQUARE_PX && above <= MARK_PX && Math.abs(place.x - x) <= SQUARE_PX / 2;
  });
}

/** Keeps the alarm points on the map as they are, undefined: none is shown. A click on one, or on several at one place, tells their places in the columns. */
export function useAlarmLayer(map: MapLibre | undefined, points: AlarmPoints | undefined, shift: (place: Place) => Place, onPoints: (at: number[]) => void): void {
  const tell = useRef(onPoints);
  useEffect(() => {
    tell.current = onPoints;
  }, [onPoints]);
  const [print, states, ringing] = [points?.points, points?.states, points?.ringing];
  const now = useRef(points);
  useEffect(() => {
    now.current = points;
  }, [points]);
  useEffect(() => {
    if (map === undefined) return;
    for (const layer of LAYERS) map.setLayoutProperty(layer, "visibility", print === undefined ? "none" : "visible");
  }, [map, print]);
  useEffect(() => {
    if (map === undefined || now.current === undefined) return;
    void map.getSource<GeoJSONSource>(ALARM_POINTS)?.setData(pointMarks(now.current, shift));
  }, [map, print, states, shift]);
  useEffect(() => {
    if (map === undefined || now.current === undefined) return;
    void map.getSource<GeoJSONSource>(RINGING)?.setData(ringingMarks(now.current, shift));
  }, [map, print, ringing, shift]);
  useEffect(() => {
    if (map === undefined) return;
    const onClick = (event: MapMouseEvent) => {
      const found = alarmMarkAt(map, event.point);
      if (found === undefined || found.geometry.type !== "Point") return;
      if (found.layer.id !== ALARM_CLUSTERS) return tell.current(atSpot(map, event.point, found));
      const middle = found.geometry.coordinates as Place;
      const source = map.getSource<GeoJSONSource>(ALARM_POINTS);
      const [id, count] = [Number(found.properties["cluster_id"]), Number(found.properties["point_count"])];
      void source?.getClusterExpansionZoom(id).then(async (zoom) => {
        const leaves = count <= LISTED ? await source.getClusterLeaves(id, LISTED, 0) : [];
        if (new Set(leaves.map((one) => JSON.stringify(one.geometry))).size === 1) return tell.current(leaves.map((one) => Number(one.id)));
        map.easeTo({ center: middle, zoom: Math.min(zoom + 0.3, map.getMaxZoom()), duration: 350 });
      });
    };
    const onMove = (event: MapMouseEvent) => {
      if (alarmMarkAt(map, event.point) !== undefined) map.getCanvas().style.cursor = "pointer";
    };
    map.on("click", onClick);
    map.on("mousemove", onMove);
    return () => {
      map.off("click", onClick);
      map.off("mousemove", onMove);
    };
  }, [map]);
}

/** The one that is on top first, and those that stand where it does. */
function atSpot(map: MapLibre, { x, y }: Pixel, top: MapGeoJSONFeature): number[] {
  const same = map.queryRenderedFeatures([x, y], { layers: [RINGING, ALARM_POINTS] }).filter((one) => JSON.stringify(one.geometry) === JSON.stringify(top.geometry));
  return [...new Set([top, ...same].map((one) => Number(one.id)))];
}
