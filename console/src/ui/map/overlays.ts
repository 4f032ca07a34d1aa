import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from "maplibre-gl";
import type { FeatureCollection } from "geojson";
import { FONT } from "./built-in-map";
import { stateColours, type Colours } from "./colours";

/** What lies between the base map and the cameras: each a source of its own that a part of the page fills. */
export const OVERLAYS = ["near", "names", "blind", "drawing", "chosen", "trail", "sightings"] as const;
export type Overlay = (typeof OVERLAYS)[number];
export const NOTHING: FeatureCollection = { type: "FeatureCollection", features: [] };

export function overlaySources(): Record<string, SourceSpecification> {
  return Object.fromEntries(OVERLAYS.map((name) => [name, { type: "geojson", data: NOTHING }]));
}

/** What people noted, above the cameras: an eye on a pin, with its time above. One that was withdrawn is pale. */
export function sightingLayers(colours: Colours): LayerSpecification[] {
  return [
    {
      id: "sightings",
      type: "symbol",
      source: "sightings",
      layout: {
        "icon-image": ["case", ["==", ["get", "chosen"], 1], "sighting-chosen", "sighting"],
        "icon-anchor": "bottom",
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
        "text-field": ["get", "time"],
        "text-font": FONT,
        "text-size": 11,
        "text-anchor": "bottom",
        "text-offset": [0, -2.9],
        "text-optional": true,
        "symbol-sort-key": ["get", "chosen"],
      },
      paint: { "icon-opacity": ["case", ["==", ["get", "gone"], 1], 0.4, 1], "text-color": colours.text, "text-halo-color": colours.panel, "text-halo-width": 1.4 },
    },
  ];
}

export function overlayLayers(colours: Colours): LayerSpecification[] {
  const [online = "", offline = "", fault = "", unknown = ""] = stateColours(colours);
  const byState: ExpressionSpecification = ["match", ["get", "s"], 0, online, 1, offline, 2, fault, unknown];
  return [
    { id: "blind", type: "fill", source: "blind", paint: { "fill-color": ["case", ["==", ["get", "up"], 0], colours.bad, ["<", ["get", "share"], 0.5], colours.warn, colours.ok], "fill-opacity": ["case", ["==", ["get", "up"], 0], 0.34, 0.16] } },
    { id: "blind-edge", type: "line", source: "blind", filter: ["==", ["get", "up"], 0], paint: { "line-color": colours.bad, "line-width": 1 } },
    { id: "wedges", type: "fill", source: "near", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": byState, "fill-opacity": 0.22 } },
    { id: "wedge-edges", type: "line", source: "near", paint: { "line-color": byState, "line-width": 1.2, "line-opacity": 0.8 } },
    { id: "drawing", type: "fill", source: "drawing", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": colours.accent, "fill-opacity": 0.12 } },
    { id: "drawing-edge", type: "line", source: "drawing", paint: { "line-color": colours.accent, "line-width": 2 } },
    { id: "drawing-corners", type: "circle", source: "drawing", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": colours.panel, "circle-radius": 4, "circle-stroke-color": colours.accent, "circle-stroke-width": 2 } },
    { id: "trail", type: "line", source: "trail", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": colours.accent, "line-width": 3, "line-opacity": 0.7 } },
    { id: "chosen", type: "circle", source: "chosen", paint: { "circle-radius": 16, "circle-color": colours.accent, "circle-opacity": 0.25, "circle-stroke-color": colours.accent, "circle-stroke-width": 2.5 } },
    {
      id: "camera-names",
      type: "symbol",
      source: "names",
      layout: { "text-field": ["get", "n"], "text-font": FONT, "text-size": 11.5, "text-anchor": "top", "text-offset": [0, 1], "text-max-width": 12, "text-padding": 3 },
      paint: { "text-color": colours.text, "text-halo-color": colours.panel, "text-halo-width": 1.4 },
    },
  ];
}
