import type { Map as MapLibre } from "maplibre-gl";
import { useEffect, useState } from "react";
import type { Place } from "./geometry";
import type { Bounds } from "./points";

export interface Sight {
  bounds: Bounds;
  zoom: number;
}

/** What of the world is on screen, once the map rests. `back`: from the map's datum. */
export function useSight(map: MapLibre | undefined, back: (place: Place) => Place): Sight | undefined {
  const [sight, setSight] = useState<Sight>();
  useEffect(() => {
    if (map === undefined) return;
    const look = () => {
      const found = map.getBounds();
      const [[west, south], [east, north]] = [back(found.getSouthWest().toArray() as Place), back(found.getNorthEast().toArray() as Place)];
      setSight({ bounds: { west, south, east, north }, zoom: map.getZoom() });
    };
    look();
    map.on("moveend", look);
    map.on("resize", look);
    return () => {
      map.off("moveend", look);
      map.off("resize", look);
    };
  }, [map, back]);
  return sight;
}
