import { keepPreviousData, useQueries, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, body, type Area, type Schemas } from "../../api-client/client";

export type CameraName = Schemas["CameraName"];
export const PAGE = 100;
/** What is searched for: nothing, while the whole tree is shown. `states`, `tags`: one of them, none for any. */
export interface Search {
  q: string;
  states: readonly CameraName["status"][];
  tags: readonly string[];
}
export const searches = ({ q, states, tags }: Search): boolean => q !== "" || states.length > 0 || tags.length > 0;
const REFRESH_MS = 15_000;

const page = (area: string, { q, states, tags }: Search, number: number) => ({
  queryKey: ["cameras", "names", area, q, states, tags, number],
  queryFn: ({ signal }: { signal: AbortSignal }) => body(api.GET("/api/v1/camera-names", { params: { query: { area, q, state: [...states], tag: [...tags], offset: number * PAGE, limit: PAGE } }, signal })),
  refetchInterval: REFRESH_MS,
  staleTime: REFRESH_MS,
});

/** The pages that are on screen, and no others; a page scrolled past before it came is not waited for. */
export function useCameraPages(wanted: readonly { area: string; at: number }[], search: Search): (area: string, at: number) => CameraName | undefined {
  const keys = [...new Set(wanted.map(({ area, at }) => `${area}/${Math.floor(at / PAGE)}`))];
  const pages = useQueries({
    queries: keys.map((key) => {
      const [area = "", number = "0"] = key.split("/");
      return page(area, search, Number(number));
    }),
    combine: (results: UseQueryResult<Schemas["CameraNames"]>[]) => results.map((result) => result.data),
  });
  return (area, at) => pages[keys.indexOf(`${area}/${Math.floor(at / PAGE)}`)]?.items[at % PAGE];
}

export interface Found {
  total: number;
  /** Words that were too many to be looked for. */
  ignored: readonly string[];
}

/** What a search finds; undefined while nothing is searched or nothing is known yet. */
export function useFound(search: Search): Found | undefined {
  const found = useQuery({ ...page("", search, 0), enabled: searches(search), placeholderData: keepPreviousData });
  return searches(search) ? found.data : undefined;
}

const NO_AREAS: readonly Area[] = [];

/** Areas that a search finds by name, code or pinyin; none where it asks for states or tags, which areas have not. */
export function useFoundAreas({ q, states, tags }: Search): readonly Area[] {
  const wanted = q !== "" && states.length === 0 && tags.length === 0;
  const found = useQuery({ queryKey: ["areas", "found", q], queryFn: ({ signal }) => body(api.GET("/api/v1/areas", { params: { query: { q } }, signal })), enabled: wanted, placeholderData: keepPreviousData });
  return wanted ? (found.data?.items ?? NO_AREAS) : NO_AREAS;
}

/** A text once it has rested a moment. */
export function useRested(text: string, restMs = 80): string {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), text === "" ? 0 : restMs);
    return () => clearTimeout(timer);
  }, [text, restMs]);
  return rested;
}
