import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { Map as MapLibre, MapLayerMouseEvent } from "maplibre-gl";
import type { Feature } from "geojson";
import { useEffect, useMemo, useRef, useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useZone, written } from "../../ui/zone";
import type { Place } from "../../ui/map/geometry";
import { useOverlay } from "../../ui/map/use-overlay";

export type Sighting = Schemas["SightingShape"];

const DAY_MS = 86_400_000;
export const REACHES = { day: 1, week: 7, month: 31 } as const;
export type Reach = keyof typeof REACHES;

export interface Asked {
  reach: Reach;
  caseNumber: string;
  withdrawn: boolean;
}

export const FIRST_ASKED: Asked = { reach: "week", caseNumber: "", withdrawn: false };
const NOTHING: readonly Sighting[] = [];

/** What people noted, while it is looked at: each reading is on record, so it is not read by itself again and again. */
export function useSightings(on: boolean, { reach, caseNumber, withdrawn }: Asked): UseQueryResult<Schemas["SightingList"]> {
  return useQuery({
    queryKey: ["sightings", reach, caseNumber, withdrawn],
    enabled: on,
    retry: false,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
    queryFn: () => {
      const query = { from: new Date(Date.now() - REACHES[reach] * DAY_MS).toISOString(), case_number: caseNumber, withdrawn };
      return body(api.GET("/api/v1/sightings", { params: { query } }));
    },
  });
}

/** Draws sightings on the map, each with its time; a click on one chooses it. */
export function useSightingLayer(map: MapLibre | undefined, sightings: readonly Sighting[] = NOTHING, chosen: number | undefined, shift: (place: Place) => Place, onChoose: (id: number) => void): void {
  const zone = useZone();
  const tell = useRef(onChoose);
  useEffect(() => {
    tell.current = onChoose;
  }, [onChoose]);
  const shapes = useMemo(
    () =>
      sightings.map((one): Feature => {
        const properties = { id: one.id, time: written(one.at, zone).slice("2026-".length, -":00".length), chosen: one.id === chosen ? 1 : 0, gone: one.withdrawn === null ? 0 : 1 };
        return { type: "Feature", properties, geometry: { type: "Point", coordinates: shift([one.longitude, one.latitude]) } };
      }),
    [sightings, chosen, shift, zone],
  );
  useOverlay(map, "sightings", shapes);
  useEffect(() => {
    if (map === undefined) return;
    const click = (event: MapLayerMouseEvent) => {
      const id: unknown = event.features?.[0]?.properties["id"];
      if (typeof id === "number") tell.current(id);
    };
    const over = () => (map.getCanvas().style.cursor = "pointer");
    const leave = () => (map.getCanvas().style.cursor = "");
    map.on("click", "sightings", click);
    map.on("mouseenter", "sightings", over);
    map.on("mouseleave", "sightings", leave);
    return () => {
      map.off("click", "sightings", click);
      map.off("mouseenter", "sightings", over);
      map.off("mouseleave", "sightings", leave);
    };
  }, [map]);
}

export interface SightingDesk {
  asked: Asked;
  setAsked: (asked: Asked) => void;
  items: readonly Sighting[];
  whole: boolean;
  /** So many are not told: they say what footage shows, and no ticket of one's own opens it. */
  beyond: number;
  pending: boolean;
  error: Error | null;
  chosen: Sighting | undefined;
  choose: (id: number | undefined) => void;
}

/** The sightings that one looks at, and the one that is chosen. */
export function useSightingDesk(on: boolean): SightingDesk {
  const [asked, setAsked] = useState(FIRST_ASKED);
  const [id, choose] = useState<number>();
  const found = useSightings(on, asked);
  const items = on ? (found.data?.items ?? NOTHING) : NOTHING;
  return { asked, setAsked, items, whole: found.data?.whole ?? true, beyond: on ? (found.data?.beyond ?? 0) : 0, pending: on && found.isPending, error: found.error, chosen: items.find((one) => one.id === id), choose };
}
