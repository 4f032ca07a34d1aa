import { Map as MapLibre, setWorkerUrl, type LngLatBoundsLike, type StyleSpecification } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import "./map.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { useEffect, useRef, useState, type RefObject } from "react";
import { useTheme, type Theme } from "../theme";
import { drawAlarmCluster, drawAlarmPoint, drawRinging } from "./alarm-icons";
import { alarmLayers, alarmSources } from "./alarm-layers";
import { POINT_STATES } from "./alarm-points";
import { baseLayers, baseSources, HOME } from "./built-in-map";
import { CAMERAS, cameraLayers, cameraSource } from "./camera-layers";
import { CLASSES } from "../camera-classes";
import { themeColours, type Colours } from "./colours";
import { drawIcon, drawSighting, iconName } from "./icons";
import { overlayLayers, overlaySources, sightingLayers } from "./overlays";
import { STATES, type Bounds } from "./points";
import { isTiles, tileLayers, tileSources, type MapSources } from "./sources";

setWorkerUrl(workerUrl); // from our own origin: the content policy lets no other worker in
type PaintName = Parameters<MapLibre["setPaintProperty"]>[1];
const KEY = "fengsui.map";
const [LEAST_ZOOM, MOST_ZOOM] = [3, 19];

export interface View {
  longitude: number;
  latitude: number;
  zoom: number;
}

/** As the map was left in this tab. */
function keptView(key: string): View | undefined {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? "null") as Partial<View> | null;
    return [kept?.longitude, kept?.latitude, kept?.zoom].every(Number.isFinite) ? (kept as View) : undefined;
  } catch {
    return undefined;
  }
}

export const hasKeptView = () => keptView(KEY) !== undefined;
export const asLimits = ({ west, south, east, north }: Bounds): LngLatBoundsLike => [west, south, east, north];

function layers(colours: Colours, theme: Theme, own: MapSources) {
  return [...baseLayers(colours), ...tileLayers(own, theme), ...overlayLayers(colours), ...cameraLayers(colours), ...alarmLayers(colours), ...sightingLayers(colours)];
}

function addIcons(map: MapLibre, colours: Colours): void {
  const pixelRatio = Math.min(3, Math.ceil(window.devicePixelRatio));
  const keep = (name: string, icon: ImageData) => {
    if (map.hasImage(name)) map.updateImage(name, icon);
    else map.addImage(name, icon, { pixelRatio });
  };
  STATES.forEach((_, state) => CLASSES.forEach((_, cameraClass) => keep(iconName(state, cameraClass), drawIcon(colours, state, cameraClass, pixelRatio))));
  POINT_STATES.forEach((_, state) => keep(`alarm-point-${state}`, drawAlarmPoint(colours, state, pixelRatio)));
  [1, 2, 3, 4].forEach((priority) => [false, true].forEach((taken) => keep(`alarm-ringing-${priority}-${taken ? 1 : 0}`, drawRinging(colours, priority, taken, pixelRatio))));
  keep("alarm-cluster", drawAlarmCluster(colours, pixelRatio));
  keep("sighting", drawSighting(colours, false, pixelRatio));
  keep("sighting-chosen", drawSighting(colours, true, pixelRatio));
}

interface MapState {
  /** Undefined until it is drawn. */
  map: MapLibre | undefined;
  /** This workstation draws none. */
  unable: boolean;
  /** Tiles of the operator's own map do not come. */
  lacking: boolean;
}

/** The map in the holder, north up and flat, once it is known of what it is drawn. `key`: under which its view is kept. */
export function useMap(holder: RefObject<HTMLDivElement | null>, own: MapSources | undefined, key = KEY): MapState {
  const { theme } = useTheme();
  const first = useRef(theme);
  const [lacking, setLacking] = useState(false);
  const [map, setMap] = useState<MapLibre>();
  const [unable, setUnable] = useState(false);
  useEffect(() => {
    if (holder.current === null || own === undefined) return;
    if (document.createElement("canvas").getContext("webgl2") === null) return setUnable(true);
    const colours = themeColours();
    const style: StyleSpecification = { version: 8, sources: { ...baseSources(), ...tileSources(own), ...overlaySources(), [CAMERAS]: cameraSource, ...alarmSources }, layers: layers(colours, first.current, own) };
    const kept = keptView(key);
    const where = kept === undefined ? { bounds: asLimits(HOME) } : { center: [kept.longitude, kept.latitude] as [number, number], zoom: kept.zoom };
    const made = new MapLibre({ container: holder.current, style, ...where, minZoom: LEAST_ZOOM, maxZoom: MOST_ZOOM, attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, renderWorldCopies: false, fadeDuration: 0 });
    made.touchZoomRotate.disableRotation();
    made.keyboard.disableRotation();
    addIcons(made, colours);
    made.on("moveend", () => {
      const { lng, lat } = made.getCenter();
      sessionStorage.setItem(key, JSON.stringify({ longitude: lng, latitude: lat, zoom: made.getZoom() } satisfies View));
    });
    let came = own.layers.length === 0;
    made.on("error", (event) => {
      if (isTiles((event as { sourceId?: string }).sourceId)) setLacking(true);
    });
    made.on("sourcedata", (event) => {
      if (!isTiles(event.sourceId) || event.tile === undefined) return;
      came = true;
      setLacking(false);
    });
    const place = holder.current;
    place.dataset["idle"] = "false";
    made.on("idle", () => {
      place.dataset["idle"] = "true"; // nothing is left to be drawn
      if (!came) setLacking(true); // a server that has no such tiles is no fault to the library
    });
    made.on("dataloading", () => (place.dataset["idle"] = "false"));
    made.on("movestart", () => (place.dataset["idle"] = "false"));
    made.once("load", () => setMap(made));
    return () => {
      setMap(undefined);
      made.remove();
    };
  }, [holder, own, key]);
  useEffect(() => {
    if (map === undefined || own === undefined) return;
    const colours = themeColours();
    addIcons(map, colours);
    for (const { id, ...layer } of layers(colours, theme, own)) for (const [name, value] of Object.entries(layer.paint ?? {})) map.setPaintProperty(id, name as PaintName, value as never);
    const counts = cameraLayers(colours)[1];
    if (counts?.type === "symbol") map.setLayoutProperty(counts.id, "text-field", counts.layout?.["text-field"]); // it names a colour
  }, [map, theme, own]);
  return { map, unable, lacking };
}
