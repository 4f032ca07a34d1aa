import { useQuery } from "@tanstack/react-query";
import type { Feature } from "geojson";
import { useEffect, useMemo, useRef } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Credit } from "../../ui/map/Credit";
import { shiftTo } from "../../ui/map/datum";
import { movedBox } from "../../ui/map/geometry";
import { viewOf } from "../../ui/map/near";
import { boundsOf, EVERYTHING, placeAt, type Bounds } from "../../ui/map/points";
import { useCameraLayer, useCameraMarks } from "../../ui/map/use-camera-layer";
import { asLimits, useMap } from "../../ui/map/use-map";
import { useOverlay } from "../../ui/map/use-overlay";
import { usePoints } from "../../ui/map/use-points";
import { Refused } from "../../ui/Refused";
import { useZone, written } from "../../ui/zone";

interface Camera {
  code: string;
  name: string;
}

interface Props {
  cameras: readonly Camera[];
  /** Of each of them, in order: whether it is recorded at this moment. */
  recorded: readonly boolean[];
  active: string | undefined;
  atUs: number;
  onActive: (code: string) => void;
  /** Another one on the map. */
  onAdd: (camera: Camera) => void;
}

const KEPT = "fengsui.replay-map";
const AROUND_PX = 80;
const CLOSE_ZOOM = 16.5;
const EASE_MS = 400;
/** As the layers colour them: what is on, and what is not. */
const [ON, OFF] = [0, 1];
const NONE: readonly Feature[] = [];

/** Where the cameras of the playback stand and look while its timeline runs. What a device does not say of its view is not made up. */
export function ReplayMap({ cameras, recorded, active, atUs, onActive, onAdd }: Props) {
  const { t } = useWords();
  const zone = useZone();
  const holder = useRef<HTMLDivElement>(null);
  const { points, error } = usePoints();
  const sources = useQuery({ queryKey: ["situation", "sources"], staleTime: Infinity, queryFn: () => body(api.GET("/api/v1/map-sources")) });
  const own = sources.data;
  const shift = useMemo(() => shiftTo(own?.datum ?? "CGCS2000"), [own]);
  const { map, unable } = useMap(holder, own, KEPT);
  useCameraLayer(map, points, EVERYTHING, shift);

  const codes = cameras.map((one) => one.code).join(" ");
  const flags = recorded.map((one) => (one ? ON : OFF)).join("");
  const places = useMemo(() => codes.split(" ").map((code) => points?.codes.indexOf(code) ?? -1), [codes, points]);
  const views = useMemo(() => (points === undefined ? NONE : places.flatMap((at, order) => (at < 0 ? [] : viewOf(points, at, shift, Number(flags[order]))))), [points, places, flags, shift]);
  const names = useMemo(() => {
    if (points === undefined) return NONE;
    return places.flatMap((at, order): Feature[] => {
      if (at < 0) return [];
      const said = Number(flags[order]) === ON ? "" : `\n${t("playback.map.none")}`;
      return [{ type: "Feature", properties: { n: `${order + 1} · ${points.names[at] ?? ""}${said}` }, geometry: { type: "Point", coordinates: shift(placeAt(points, at)) } }];
    });
  }, [points, places, flags, shift, t]);
  const ring = useMemo((): readonly Feature[] => {
    const at = points === undefined || active === undefined ? -1 : points.codes.indexOf(active);
    return points === undefined || at < 0 ? NONE : [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: shift(placeAt(points, at)) } }];
  }, [points, active, shift]);
  useOverlay(map, "near", views);
  useOverlay(map, "names", names);
  useOverlay(map, "chosen", ring);

  // Whoever moved the map keeps it so until the cameras are others: states come anew all the time.
  const around = JSON.stringify((points && boundsOf(points, places.filter((at) => at >= 0))) ?? null);
  useEffect(() => {
    const box = JSON.parse(around) as Bounds | null;
    if (box !== null) map?.fitBounds(asLimits(movedBox(box, shift)), { padding: AROUND_PX, maxZoom: CLOSE_ZOOM, duration: EASE_MS });
  }, [map, around, shift]);
  useCameraMarks(map, true, ([at = -1]) => {
    const code = points?.codes[at];
    if (points === undefined || code === undefined) return;
    if (places.includes(at)) onActive(code);
    else onAdd({ code, name: points.names[at] ?? code });
  });

  const wrong = error ?? (own === undefined ? sources.error : null);
  const unplaced = points === undefined ? 0 : places.filter((at) => at < 0).length;
  return (
    <section className="map-area replay-map" aria-label={t("playback.map")} data-testid="replay-map" data-recorded={flags} data-views={views.length}>
      {wrong !== null && <Refused error={wrong} />}
      <div ref={holder} className="map" role="application" aria-label={t("playback.map")} data-ready={map !== undefined && points !== undefined} />
      {unable && <div className="map-lack" role="alert">{t("situation.unable")}</div>}
      <output className="replay-map-time">{written(atUs / 1_000, zone)}</output>
      {cameras.length > 0 && unplaced > 0 && <div className="map-note low" role="status">{t("playback.map.unplaced", { count: unplaced })}</div>}
      {own !== undefined && <Credit own={own} />}
    </section>
  );
}
