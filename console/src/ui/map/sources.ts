import type { LayerSpecification, SourceSpecification } from "maplibre-gl";
import type { Schemas } from "../../api-client/client";
import type { Theme } from "../theme";
import { degreesAddress, serveDegrees, zoomsOf } from "./degrees";

/** The operator's own map, as the node's settings have it. */
export type MapSources = Schemas["MapSources"];
const PREFIX = "tiles-";
export const isTiles = (source: string | undefined): boolean => source?.startsWith(PREFIX) === true;

export function tileSources({ layers }: MapSources): Record<string, SourceSpecification> {
  serveDegrees(layers);
  return Object.fromEntries(
    layers.map((layer, at): [string, SourceSpecification] => {
      const { degrees, templates, tile_px, min_zoom, max_zoom, from_below } = layer;
      if (degrees !== null) return [PREFIX + at, { type: "raster", tiles: [degreesAddress(at)], tileSize: tile_px, ...zoomsOf(degrees, layer) }];
      return [PREFIX + at, { type: "raster", tiles: templates, tileSize: tile_px, minzoom: min_zoom, maxzoom: max_zoom, scheme: from_below ? "tms" : "xyz" }];
    }),
  );
}

/** Over the built-in map, so that something is there when theirs does not come. At night a bright map is dimmed. */
export function tileLayers({ layers }: MapSources, theme: Theme): LayerSpecification[] {
  return layers.map((_, at) => ({ id: PREFIX + at, type: "raster", source: PREFIX + at, paint: { "raster-fade-duration": 0, "raster-brightness-max": theme === "dark" ? 0.72 : 1, "raster-saturation": theme === "dark" ? -0.35 : 0 } }));
}
