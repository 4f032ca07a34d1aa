import type { LayerSpecification, SourceSpecification } from "maplibre-gl";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import guizhou from "./base-map/guizhou.topo.json";
import land from "./base-map/land.topo.json";
import rivers from "./base-map/rivers.topo.json";
import type { Colours } from "./colours";

/** Drawn by the workstation's own fonts: no glyphs are fetched from anywhere. */
export const FONT = ["Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC"];
/** Guizhou, where nothing else says what to look at. */
export const HOME = { west: 103.6, south: 24.6, east: 109.6, north: 29.25 };

interface Named {
  code: string;
  name: string;
  at: [number, number];
}

const shapes = (topology: unknown, name: string) => {
  const known = topology as Topology<Record<string, GeometryCollection<Named>>>;
  return feature(known, known.objects[name] ?? { type: "GeometryCollection", geometries: [] });
};

/** Each division's name at the place that the base map gives it. */
function names(name: string): GeoJSON.FeatureCollection {
  const found = shapes(guizhou, name).features.map(({ properties }) => ({ type: "Feature" as const, properties: { name: properties.name }, geometry: { type: "Point" as const, coordinates: properties.at } }));
  return { type: "FeatureCollection", features: found };
}

export function baseSources(): Record<string, SourceSpecification> {
  const lines = (data: GeoJSON.GeoJSON, maxzoom = 12): SourceSpecification => ({ type: "geojson", data, maxzoom, tolerance: 0.5 });
  return {
    land: lines(shapes(land, "land"), 6),
    rivers: lines(shapes(rivers, "guizhou-region_rivers_10m")),
    counties: lines(shapes(guizhou, "counties")),
    prefectures: lines(shapes(guizhou, "prefectures")),
    "county-names": lines(names("counties"), 9),
    "prefecture-names": lines(names("prefectures"), 9),
  };
}

/** The base map that the product brings along, from below. */
export function baseLayers(colours: Colours): LayerSpecification[] {
  const ground: LayerSpecification[] = [
    { id: "sea", type: "background", paint: { "background-color": colours.ground } },
    { id: "land", type: "fill", source: "land", paint: { "fill-color": colours.panel, "fill-antialias": false } },
  ];
  const label = (id: string, size: number, minzoom: number, maxzoom: number): LayerSpecification => ({
    id,
    type: "symbol",
    source: id,
    minzoom,
    maxzoom,
    layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": size, "text-padding": 8 },
    paint: { "text-color": colours.quiet, "text-halo-color": colours.panel, "text-halo-width": 1.2 },
  });
  return [
    ...ground,
    { id: "home", type: "fill", source: "prefectures", paint: { "fill-color": colours.raised, "fill-antialias": false } },
    { id: "rivers", type: "line", source: "rivers", paint: { "line-color": colours.accent, "line-opacity": 0.35, "line-width": 1.4 } },
    { id: "counties", type: "line", source: "counties", minzoom: 6.5, paint: { "line-color": colours.line, "line-width": 1 } },
    { id: "prefectures", type: "line", source: "prefectures", paint: { "line-color": colours.quiet, "line-opacity": 0.7, "line-width": 1.2 } },
    label("prefecture-names", 14, 5, 8.5),
    label("county-names", 12, 8.5, 15),
  ];
}
