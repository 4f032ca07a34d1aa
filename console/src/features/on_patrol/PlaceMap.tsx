import { useQuery } from "@tanstack/react-query";
import type { Feature } from "geojson";
import { useEffect, useMemo, useRef } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Credit } from "../../ui/map/Credit";
import { shiftTo } from "../../ui/map/datum";
import { useMap } from "../../ui/map/use-map";
import { useOverlay } from "../../ui/map/use-overlay";
import type { Fix } from "./use-own-position";

const KEPT = "fengsui.patrol-map";
const AROUND_PX = { top: 40, bottom: 44, left: 44, right: 44 };
const CLOSE_ZOOM = 15.5;
const NONE: readonly Feature[] = [];
const feature = (geometry: Feature["geometry"], properties: Feature["properties"] = {}): Feature => ({ type: "Feature", properties, geometry });

/** Where it happens and where one is; the view is set when either comes to be known, and stays the person's own after that. */
export function PlaceMap({ where, fix }: { where: Schemas["TaskPlace"] | null; fix: Fix | undefined }) {
  const { t } = useWords();
  const holder = useRef<HTMLDivElement>(null);
  const own = useQuery({ queryKey: ["situation", "sources"], staleTime: Infinity, retry: false, queryFn: () => body(api.GET("/api/v1/map-sources")) }).data;
  const shift = useMemo(() => shiftTo(own?.datum ?? "CGCS2000"), [own]);
  const { map, unable } = useMap(holder, own, KEPT);
  const place = useMemo(() => (where === null || where.longitude === null || where.latitude === null ? undefined : shift([where.longitude, where.latitude])), [where, shift]);
  const me = useMemo(() => (fix === undefined ? undefined : shift([fix.longitude, fix.latitude])), [fix, shift]);
  const ring = useMemo(() => (place === undefined ? NONE : [feature({ type: "Point", coordinates: place })]), [place]);
  const point = useMemo(() => (me === undefined ? NONE : [feature({ type: "Point", coordinates: me })]), [me]);
  const names = useMemo(() => [...(me === undefined ? [] : [feature({ type: "Point", coordinates: me }, { n: t("patrol.own.me") })]), ...(place === undefined ? [] : [feature({ type: "Point", coordinates: place }, { n: t("patrol.own.here") })])], [me, place, t]);
  const way = useMemo(() => (me === undefined || place === undefined ? NONE : [feature({ type: "LineString", coordinates: [me, place] })]), [me, place]);
  useOverlay(map, "chosen", ring);
  useOverlay(map, "drawing", point);
  useOverlay(map, "names", names);
  useOverlay(map, "trail", way);
  const latest = useRef({ me, place });
  latest.current = { me, place };
  const about = `${place?.join() ?? ""}/${me === undefined ? "" : "me"}`;
  useEffect(() => {
    const all = [latest.current.me, latest.current.place].filter((one) => one !== undefined);
    const [xs, ys] = [all.map(([x]) => x), all.map(([, y]) => y)];
    if (all.length > 0) map?.fitBounds([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)], { padding: AROUND_PX, maxZoom: CLOSE_ZOOM, duration: 0 });
  }, [map, about]);
  return (
    <section className="map-area patrol-map" aria-label={t("patrol.own.map")} data-testid="patrol-map" data-me={me !== undefined} data-place={place !== undefined}>
      <div ref={holder} className="map" role="application" aria-label={t("patrol.own.map")} data-ready={map !== undefined} />
      {unable && <div className="map-lack" role="alert">{t("situation.unable")}</div>}
      {own !== undefined && <Credit own={own} />}
    </section>
  );
}
