import type { DataDrivenPropertyValueSpecification, ExpressionSpecification, GeoJSONSourceSpecification, LayerSpecification } from "maplibre-gl";
import { FONT } from "./built-in-map";
import type { Colours } from "./colours";
import { ICON } from "./icons";

export const CAMERAS = "cameras";
/** Beyond this each camera stands for itself. */
export const LAST_CLUSTERED = 15;
const RADIUS_PX = 46;
const isDown: ExpressionSpecification = ["case", [">", ["get", "s"], 0], 1, 0];
const isFaulty: ExpressionSpecification = ["case", ["==", ["get", "s"], 2], 1, 0];

/** The bench draws the same source with nothing else around it. */
export const cameraSource: GeoJSONSourceSpecification = {
  type: "geojson",
  data: { type: "FeatureCollection", features: [] },
  cluster: true,
  clusterMaxZoom: LAST_CLUSTERED,
  clusterRadius: RADIUS_PX,
  clusterProperties: { down: ["+", isDown], faulty: ["+", isFaulty] },
  maxzoom: LAST_CLUSTERED + 2,
};

export function cameraLayers(colours: Colours): LayerSpecification[] {
  const ring: DataDrivenPropertyValueSpecification<string> = ["case", [">", ["get", "faulty"], 0], colours.bad, [">=", ["*", 2, ["get", "down"]], ["get", "point_count"]], colours.quiet, colours.ok];
  const label: ExpressionSpecification = ["case", [">", ["get", "down"], 0], ["format", ["to-string", ["get", "point_count"]], {}, "\n", {}, ["concat", "−", ["to-string", ["get", "down"]]], { "text-color": colours.bad, "font-scale": 0.85 }], ["to-string", ["get", "point_count"]]];
  return [
    {
      id: "clusters",
      type: "circle",
      source: CAMERAS,
      filter: ["has", "point_count"],
      paint: { "circle-color": colours.panel, "circle-opacity": 0.92, "circle-radius": ["step", ["get", "point_count"], 14, 100, 18, 1_000, 22, 10_000, 27], "circle-stroke-width": 2.5, "circle-stroke-color": ring },
    },
    {
      id: "cluster-counts",
      type: "symbol",
      source: CAMERAS,
      filter: ["has", "point_count"],
      layout: { "text-field": label, "text-font": FONT, "text-size": 11.5, "text-line-height": 1, "text-allow-overlap": true, "text-ignore-placement": true },
      paint: { "text-color": colours.text },
    },
    {
      id: CAMERAS,
      type: "symbol",
      source: CAMERAS,
      filter: ["!", ["has", "point_count"]],
      layout: { "icon-image": ICON as ExpressionSpecification, "icon-allow-overlap": true, "icon-ignore-placement": true },
    },
  ];
}
