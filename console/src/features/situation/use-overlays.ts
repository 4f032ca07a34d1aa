import type { Map as MapLibre } from "maplibre-gl";
import { useMemo } from "react";
import { cells } from "./blind";
import type { Place, Shape } from "../../ui/map/geometry";
import { near } from "../../ui/map/near";
import { placeAt, type Points, type Shown } from "../../ui/map/points";
import { drawnShape } from "./use-drawing";
import { useOverlay, type Drawn } from "../../ui/map/use-overlay";
import type { Sight } from "../../ui/map/use-view";

export interface Layers {
  /** Where cameras look, close by. */
  views: boolean;
  /** Cells whose cameras are down. */
  blind: boolean;
  /** What people noted that they saw. */
  sightings: boolean;
  /** Alarm points, and what rings there. */
  alarms: boolean;
}

interface What {
  points: Points | undefined;
  shown: Shown;
  sight: Sight | undefined;
  layers: Layers;
  /** The chosen camera's place in the columns; below 0: none. */
  at: number;
  shape: Shape | undefined;
  begun: readonly Drawn[];
  trail: readonly Place[];
  shift: (place: Place) => Place;
}

const NOTHING: readonly Drawn[] = [];

/** Everything on the map but its ground and the cameras themselves. */
export function useOverlays(map: MapLibre | undefined, { points, shown, sight, layers, at, shape, begun, trail, shift }: What): void {
  const around = useMemo(() => (points === undefined || sight === undefined ? undefined : near(points, shown, sight, shift)), [points, shown, sight, shift]);
  const blind = useMemo(() => (points === undefined || sight === undefined || !layers.blind ? NOTHING : cells(points, sight, shift)), [points, sight, layers.blind, shift]);
  const finished = useMemo(() => (shape === undefined ? NOTHING : drawnShape(shape, shift)), [shape, shift]);
  const chosen = useMemo(() => (points === undefined || at < 0 ? NOTHING : [{ type: "Point" as const, coordinates: shift(placeAt(points, at)) }]), [points, at, shift]);
  const way = useMemo(() => (trail.length < 2 ? NOTHING : [{ type: "LineString" as const, coordinates: trail.map(shift) }]), [trail, shift]);
  useOverlay(map, "near", layers.views ? (around?.views ?? NOTHING) : NOTHING);
  useOverlay(map, "names", around?.names ?? NOTHING);
  useOverlay(map, "blind", blind);
  useOverlay(map, "drawing", begun.length > 0 ? begun : finished);
  useOverlay(map, "chosen", chosen);
  useOverlay(map, "trail", way);
}
