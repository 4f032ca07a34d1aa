import { keepPreviousData, useQueries, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { queryOf, type Filter, type Row, type Sorting } from "./filter";

const PAGE = 100;
/** Rows of one answer, where many are wanted at once. */
const SHEET = 500;
const REFRESH_MS = 15_000;

const part = (filter: Filter, sorting: Sorting, offset: number, limit: number) => ({
  queryKey: ["cameras", "rows", filter, sorting, offset, limit],
  queryFn: ({ signal }: { signal: AbortSignal }) => body(api.GET("/api/v1/camera-rows", { params: { query: { ...queryOf(filter, sorting), offset, limit } }, signal })),
  staleTime: REFRESH_MS,
});

/** How many cameras fit; the figure of before until the node has counted anew. */
export function useTotal(filter: Filter, sorting: Sorting) {
  return useQuery({ ...part(filter, sorting, 0, PAGE), refetchInterval: REFRESH_MS, placeholderData: keepPreviousData });
}

/** The rows that are on screen, and no others. */
export function useRows(filter: Filter, sorting: Sorting, wanted: readonly number[]): (at: number) => Row | undefined {
  const pages = [...new Set(wanted.map((at) => Math.floor(at / PAGE)))];
  const found = useQueries({
    queries: pages.map((page) => ({ ...part(filter, sorting, page * PAGE, PAGE), refetchInterval: REFRESH_MS })),
    combine: (results: UseQueryResult<Schemas["CameraRows"]>[]) => results.map((result) => result.data),
  });
  return (at) => found[pages.indexOf(Math.floor(at / PAGE))]?.items[at % PAGE];
}

/** The codes of the rows from one to another, also of those that were never on screen. */
export function useCodesBetween(filter: Filter, sorting: Sorting): (from: number, to: number) => Promise<string[]> {
  const queries = useQueryClient();
  return useCallback(
    async (from, to) => {
      const [first, last] = from < to ? [from, to] : [to, from];
      const sheets: Row[][] = [];
      for (let at = Math.floor(first / SHEET) * SHEET; at <= last; at += SHEET) sheets.push((await queries.fetchQuery(part(filter, sorting, at, SHEET))).items);
      const begin = Math.floor(first / SHEET) * SHEET;
      return sheets.flat().slice(first - begin, last - begin + 1).map(({ code }) => code);
    },
    [queries, filter, sorting],
  );
}
