import type { ExpressionSpecification, GeoJSONSourceSpecification, LayerSpecification } from "maplibre-gl";
import { FONT } from "./built-in-map";
import { LAST_CLUSTERED } from "./camera-layers";
import type { Colours } from "./colours";

/** Sources and the layers named after them. Each mark stands above its place, so that it hides no camera there. */
export const ALARM_POINTS = "alarm-points";
export const ALARM_CLUSTERS = "alarm-clusters";
export const RINGING = "alarm-ringing";
const RADIUS_PX = 44;
const isSilent: ExpressionSpecification = ["case", ["==", ["get", "s"], 3], 1, 0];
const NOTHING: GeoJSONSourceSpecification["data"] = { type: "FeatureCollection", features: [] };

export const alarmSources: Record<string, GeoJSONSourceSpecification> = {
  [ALARM_POINTS]: { type: "geojson", data: NOTHING, cluster: true, clusterMaxZoom: LAST_CLUSTERED, clusterRadius: RADIUS_PX, clusterProperties: { silent: ["+", isSilent] }, maxzoom: LAST_CLUSTERED + 2 },
  [RINGING]: { type: "geojson", data: NOTHING },
};

/** Of those that rest; a group of them with how many of it are silent. Drawn below what rings, which stands for itself at every zoom. */
export function alarmLayers(colours: Colours): LayerSpecification[] {
  const count: ExpressionSpecification = ["case", [">", ["get", "silent"], 0], ["concat", ["to-string", ["get", "point_count"]], " ✕", ["to-string", ["get", "silent"]]], ["to-string", ["get", "point_count"]]];
  const stands = { "icon-anchor": "bottom", "icon-allow-overlap": true, "icon-ignore-placement": true } as const;
  return [
    {
      id: ALARM_CLUSTERS,
      type: "symbol",
      source: ALARM_POINTS,
      filter: ["has", "point_count"],
      layout: { ...stands, visibility: "none", "icon-image": "alarm-cluster", "text-field": count, "text-font": FONT, "text-size": 11, "text-anchor": "left", "text-offset": [0.95, -2.2], "text-allow-overlap": true, "text-ignore-placement": true },
      paint: { "text-color": colours.text, "text-halo-color": colours.panel, "text-halo-width": 2 },
    },
    {
      id: ALARM_POINTS,
      type: "symbol",
      source: ALARM_POINTS,
      filter: ["!", ["has", "point_count"]],
      layout: { ...stands, visibility: "none", "icon-image": ["concat", "alarm-point-", ["to-string", ["get", "s"]]] },
    },
    {
      id: RINGING,
      type: "symbol",
      source: RINGING,
      layout: { ...stands, visibility: "none", "icon-image": ["concat", "alarm-ringing-", ["to-string", ["get", "p"]], "-", ["to-string", ["get", "t"]]], "symbol-sort-key": ["-", 9, ["get", "p"]] },
    },
  ];
}
