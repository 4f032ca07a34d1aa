import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from "maplibre-gl";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import abroad from "./base-map/abroad.topo.json";
import guizhou from "./base-map/guizhou.topo.json";
import rivers from "./base-map/rivers.topo.json";
import sea from "./base-map/sea.topo.json";
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

const KINDS = { sea: [sea, "sea"], abroad: [abroad, "abroad"], home: [guizhou, "prefectures"], river: [rivers, "guizhou-region_rivers_10m"], county: [guizhou, "counties"] } as const;
type Kind = keyof typeof KINDS;

function ground(): GeoJSON.FeatureCollection {
  const of = (kind: Kind) => {
    const [topology, name] = KINDS[kind];
    return shapes(topology, name).features.map(({ geometry }) => ({ type: "Feature" as const, properties: { kind }, geometry }));
  };
  return { type: "FeatureCollection", features: (Object.keys(KINDS) as Kind[]).flatMap(of) };
}

/** Fills and lines lie in one source: for each further one the library would draw its tiles' outlines over the whole map once more. */
export function baseSources(): Record<string, SourceSpecification> {
  const source = (data: GeoJSON.GeoJSON, maxzoom: number): SourceSpecification => ({ type: "geojson", data, maxzoom, tolerance: 0.5 });
  return { base: source(ground(), 12), "county-names": source(names("counties"), 9), "prefecture-names": source(names("prefectures"), 9) };
}

/** The base map that the product brings along, from below. The province is what nothing covers: the page's own ground shows there. */
export function baseLayers(colours: Colours): LayerSpecification[] {
  const of = (kind: Kind) => ({ source: "base", filter: ["==", ["get", "kind"], kind] satisfies ExpressionSpecification });
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
    { id: "sea", type: "fill", ...of("sea"), paint: { "fill-color": colours.ground, "fill-antialias": false } },
    { id: "abroad", type: "fill", ...of("abroad"), paint: { "fill-color": colours.panel, "fill-antialias": false } },
    { id: "rivers", type: "line", ...of("river"), paint: { "line-color": colours.accent, "line-opacity": 0.35, "line-width": 1.4 } },
    { id: "counties", type: "line", ...of("county"), minzoom: 6.5, paint: { "line-color": colours.line, "line-width": 1 } },
    { id: "prefectures", type: "line", ...of("home"), paint: { "line-color": colours.quiet, "line-opacity": 0.7, "line-width": 1.2 } },
    label("prefecture-names", 14, 5, 8.5),
    label("county-names", 12, 8.5, 15),
  ];
}
