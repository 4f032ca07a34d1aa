import { useQuery } from "@tanstack/react-query";
import { useContext } from "react";
import { api, body } from "../api-client/client";
import { useWords } from "../ui/language";
import { SignedIn, useMay } from "../ui/signed-in";
import type { Status } from "../ui/status";
import { useTheme } from "../ui/theme";
import { useFoundAreas, useRested } from "../ui/tree/camera-pages";
import { useAreaName } from "../ui/tree/tree-lines";
import { useViewer } from "./badges";
import { placesFor, type PlainPath } from "./rooms";

export type Item =
  | { kind: "page"; key: string; name: string; beside: string; path: PlainPath }
  | { kind: "area"; key: string; name: string; beside: string; code: string }
  | { kind: "camera"; key: string; name: string; beside: string; code: string; ptz: number; status: Status }
  | { kind: "act"; key: string; name: string; beside: string; run: () => void };

const CAMERAS = 12;
const AREAS = 6;
const REST_MS = 120;

/** A name that begins so comes before one that holds it somewhere. */
function fits(item: Item, wanted: string): number {
  const name = item.name.toLowerCase();
  if (name.startsWith(wanted) || item.beside.toLowerCase().startsWith(wanted)) return 2;
  return name.includes(wanted) || item.beside.toLowerCase().includes(wanted) ? 1 : 0;
}

export function ranked(items: readonly Item[], wanted: string): Item[] {
  return items.filter((item) => fits(item, wanted) > 0).sort((one, other) => fits(other, wanted) - fits(one, wanted));
}

export interface Found {
  items: Item[];
  /** Cameras that the node has found, of which the first are listed. */
  cameras: number;
  /** The node has not answered yet. */
  asking: boolean;
}

/** What the palette offers for a text: pages and acts of the viewer, areas, and cameras by the node's own search. */
export function usePaletteItems(text: string, onKeys: () => void): Found {
  const { t, language, setLanguage } = useWords();
  const { theme, setTheme } = useTheme();
  const signedIn = useContext(SignedIn);
  const may = useMay();
  const looks = may("look-around");
  const watches = may("view-live");
  const places = placesFor(useViewer());
  const wanted = text.trim().toLowerCase();
  const asked = useRested(wanted, REST_MS);
  const nameOf = useAreaName();
  const areas = useFoundAreas({ q: watches ? asked : "", states: [], tags: [] });
  const found = useQuery({
    queryKey: ["cameras", "names", "", asked, "palette"],
    enabled: looks && asked !== "",
    queryFn: ({ signal }) => body(api.GET("/api/v1/camera-names", { params: { query: { q: asked, offset: 0, limit: CAMERAS } }, signal })),
  });
  const pages: Item[] = [
    ...places.map((place): Item => ({ kind: "page", key: place.path, name: t(place.title), beside: t(`room.${place.room}`), path: place.path })),
    { kind: "page", key: "/account", name: t("account.title"), beside: "", path: "/account" },
  ];
  const acts: Item[] = [
    { kind: "act", key: "keys", name: t("keys.title"), beside: "?", run: onKeys },
    { kind: "act", key: "theme", name: t(theme === "dark" ? "theme.light" : "theme.dark"), beside: "", run: () => setTheme(theme === "dark" ? "light" : "dark") },
    { kind: "act", key: "language", name: t("palette.language"), beside: "", run: () => setLanguage(language === "en" ? "zh-CN" : "en") },
    { kind: "act", key: "lock", name: t("lock.now"), beside: "", run: () => signedIn?.lock() },
  ];
  if (wanted === "") return { items: [...pages, ...acts], cameras: 0, asking: false };
  const listed = asked === wanted ? areas.slice(0, AREAS).map((one): Item => ({ kind: "area", key: one.code, name: nameOf(one), beside: one.code, code: one.code })) : [];
  const current = asked === wanted ? found.data : undefined;
  const cameras = (current?.items ?? []).map((one): Item => ({ kind: "camera", key: one.code, name: one.name, beside: one.code, code: one.code, ptz: one.ptz_type, status: one.status }));
  return {
    items: [...ranked(pages, wanted), ...listed, ...cameras, ...ranked(acts, wanted)],
    cameras: current?.total ?? 0,
    asking: looks && (asked !== wanted || found.isFetching) && current === undefined && !found.isError,
  };
}
