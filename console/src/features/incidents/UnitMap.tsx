import { useQuery } from "@tanstack/react-query";
import type { Feature } from "geojson";
import { useEffect, useMemo, useRef } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Credit } from "../../ui/map/Credit";
import { shiftTo } from "../../ui/map/datum";
import { useMap } from "../../ui/map/use-map";
import { useOverlay } from "../../ui/map/use-overlay";
import type { Details } from "./incident";
import type { UnitAt } from "./task";

const KEPT = "fengsui.unit-map";
const AROUND_PX = { top: 40, bottom: 76, left: 64, right: 64 };
const CLOSE_ZOOM = 15.5;
const NONE: readonly Feature[] = [];
const feature = (geometry: Feature["geometry"], properties: Feature["properties"] = {}): Feature => ({ type: "Feature", properties, geometry });

interface CameraAt {
  name: string;
  longitude: number | null;
  latitude: number | null;
}
const NO_CAMERAS: readonly CameraAt[] = [];

interface Props {
  incident: Details;
  units: readonly UnitAt[];
  /** The unit that is picked. */
  picked?: number | undefined;
  /** Cameras of the place; the list must stay the same while its content does. */
  cameras?: readonly CameraAt[];
  testId?: string;
}

/** Where it happens, and where units are; from the one that is picked the straight line there. What moves does not move the map. */
export function UnitMap({ incident, units: known, picked, cameras = NO_CAMERAS, testId = "unit-map" }: Props) {
  const { t } = useWords();
  const holder = useRef<HTMLDivElement>(null);
  const own = useQuery({ queryKey: ["situation", "sources"], staleTime: Infinity, retry: false, queryFn: () => body(api.GET("/api/v1/map-sources")) }).data;
  const shift = useMemo(() => shiftTo(own?.datum ?? "CGCS2000"), [own]);
  const { map, unable } = useMap(holder, own, KEPT);
  const { longitude, latitude } = incident;
  const place = useMemo(() => (longitude === null || latitude === null ? undefined : shift([longitude, latitude])), [longitude, latitude, shift]);
  const units = useMemo(() => known.flatMap(({ id, name, longitude: x, latitude: y }) => (x === null || y === null ? [] : [{ id, name, at: shift([x, y]) }])), [known, shift]);
  const looking = useMemo(() => cameras.flatMap(({ name, longitude: x, latitude: y }) => (x === null || y === null ? [] : [{ name, at: shift([x, y]) }])), [cameras, shift]);
  const ring = useMemo(() => (place === undefined ? NONE : [feature({ type: "Point", coordinates: place })]), [place]);
  const points = useMemo(() => [...units, ...looking].map(({ at }) => feature({ type: "Point", coordinates: at })), [units, looking]);
  const names = useMemo(() => [...[...units, ...looking].map(({ at, name }) => feature({ type: "Point", coordinates: at }, { n: name })), ...(place === undefined ? [] : [feature({ type: "Point", coordinates: place }, { n: t("send.here") })])], [units, looking, place, t]);
  const way = useMemo(() => {
    const from = units.find(({ id }) => id === picked);
    return from === undefined || place === undefined ? NONE : [feature({ type: "LineString", coordinates: [from.at, place] })];
  }, [units, picked, place]);
  useOverlay(map, "chosen", ring);
  useOverlay(map, "drawing", points);
  useOverlay(map, "names", names);
  useOverlay(map, "trail", way);
  const who = JSON.stringify([units.map(({ id }) => id), looking, place]);
  const around = useRef<[number, number][]>([]);
  around.current = [...[...units, ...looking].map(({ at }) => at), ...(place === undefined ? [] : [place])];
  useEffect(() => {
    const all = around.current;
    const [xs, ys] = [all.map(([x]) => x), all.map(([, y]) => y)];
    if (all.length > 0) map?.fitBounds([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)], { padding: AROUND_PX, maxZoom: CLOSE_ZOOM, duration: 0 });
  }, [map, who]);
  return (
    <section className="map-area unit-map" aria-label={t("send.map")} data-testid={testId} data-units={units.length} data-cameras={looking.length} data-at={units[0]?.at.join()}>
      <div ref={holder} className="map" role="application" aria-label={t("send.map")} data-ready={map !== undefined} />
      {unable && <div className="map-lack" role="alert">{t("situation.unable")}</div>}
      {own !== undefined && <Credit own={own} />}
    </section>
  );
}
