import type { Feature, Geometry } from "geojson";
import type { GeoJSONSource, Map as MapLibre } from "maplibre-gl";
import { useEffect } from "react";
import type { Overlay } from "./overlays";

export type Drawn = Geometry | Feature;

/** Draws these shapes in one of the map's overlays; the list must stay the same while its content does. An empty one costs no pass over the map. */
export function useOverlay(map: MapLibre | undefined, name: Overlay, shapes: readonly Drawn[]): void {
  useEffect(() => {
    const features = shapes.map((one): Feature => (one.type === "Feature" ? one : { type: "Feature", properties: {}, geometry: one }));
    if (map === undefined) return;
    void map.getSource<GeoJSONSource>(name)?.setData({ type: "FeatureCollection", features });
    const visibility = features.length > 0 ? "visible" : "none";
    for (const id of map.getLayersOrder()) if (map.getLayer(id)?.source === name) map.setLayoutProperty(id, "visibility", visibility);
  }, [map, name, shapes]);
}
