import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import type { Feature } from "geojson";
import { useEffect, useMemo, useRef } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../language";
import { Credit } from "./Credit";
import { shiftFrom, shiftTo } from "./datum";
import type { Place } from "./geometry";
import { useMap } from "./use-map";
import { useOverlay } from "./use-overlay";

const KEPT = "fengsui.place-pick";
const CLOSE_ZOOM = 15.5;
const FINE = 1e6;
const NONE: readonly Feature[] = [];
const fine = (degrees: number) => Math.round(degrees * FINE) / FINE;

/** A place by a press on the map, or by its middle, which the arrow keys move. `at`: in WGS-84, as all that is told to `onPick`. */
export function PlacePick({ at, onPick }: { at: Place | undefined; onPick: (place: Place) => void }) {
  const { t } = useWords();
  const holder = useRef<HTMLDivElement>(null);
  const own = useQuery({ queryKey: ["situation", "sources"], staleTime: Infinity, retry: false, queryFn: () => body(api.GET("/api/v1/map-sources")) }).data;
  const datum = own?.datum ?? "CGCS2000";
  const { map, unable } = useMap(holder, own, KEPT);
  const [longitude, latitude] = at ?? [];
  const place = useMemo(() => (longitude === undefined || latitude === undefined ? undefined : shiftTo(datum)([longitude, latitude])), [longitude, latitude, datum]);
  const marks = useMemo(() => (place === undefined ? NONE : [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: place } } satisfies Feature]), [place]);
  useOverlay(map, "chosen", marks);
  const tell = useRef(onPick);
  tell.current = onPick;
  const first = useRef(place);
  useEffect(() => {
    if (map === undefined) return;
    if (first.current !== undefined) map.jumpTo({ center: first.current, zoom: CLOSE_ZOOM });
    const pick = (event: { lngLat: { lng: number; lat: number } }) => tell.current(whereOf(event.lngLat, datum));
    map.getCanvas().style.cursor = "crosshair";
    map.on("click", pick);
    return () => void map.off("click", pick);
  }, [map, datum]);
  return (
    <>
      <section className="map-area place-pick" aria-label={t("place.pick")} data-testid="place-pick" data-ready={map !== undefined} data-at={place?.join()}>
        <div ref={holder} className="map" role="application" aria-label={t("place.pick")} />
        {unable && <div className="map-lack" role="alert">{t("situation.unable")}</div>}
        {map !== undefined && <span className="place-middle" aria-hidden="true" />}
        {own !== undefined && <Credit own={own} />}
      </section>
      <div className="place-pick-acts">
        <Button size="small" disabled={map === undefined} data-testid="pick-middle" onClick={() => map !== undefined && onPick(whereOf(map.getCenter(), datum))}>
          {t("place.pick.middle")}
        </Button>
        <span className="quiet">{t("place.pick.help")}</span>
      </div>
    </>
  );
}

function whereOf({ lng, lat }: { lng: number; lat: number }, datum: Parameters<typeof shiftFrom>[0]): Place {
  const [longitude, latitude] = shiftFrom(datum)([lng, lat]);
  return [fine(longitude), fine(latitude)];
}
