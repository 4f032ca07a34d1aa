import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, body, type Schemas } from "../../api-client/client";

export type Edit = Schemas["EditShape"];
export type EditRow = Schemas["EditRow"];
export type Order = Schemas["EditOrder"];
export type Show = NonNullable<EditRow["result"]> | EditRow["outcome"];

export const ROWS = 50;
const EVERY_MS = 400;
const RARELY_MS = 30_000;
const moves = (phase: Edit["phase"]) => phase === "looking" || phase === "applying";

/** One's own edits of the last hour, the newest first. */
export function useOwnEdits() {
  return useQuery({
    queryKey: ["camera-edit", "mine"],
    refetchInterval: ({ state }) => (state.data?.items.some(({ phase }) => moves(phase)) === true ? EVERY_MS : RARELY_MS),
    queryFn: () => body(api.GET("/api/v1/camera-edits")),
  });
}

/** One edit, asked again while it moves, with a part of its rows. */
export function useEdit(number: number | undefined, show: Show | undefined, offset: number) {
  return useQuery({
    queryKey: ["camera-edit", number, show, offset],
    enabled: number !== undefined,
    retry: false,
    gcTime: 0,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data === undefined || moves(state.data.phase) ? EVERY_MS : false),
    queryFn: () => body(api.GET("/api/v1/camera-edits/{number}", { params: { path: { number: number ?? 0 }, query: { ...(show === undefined ? {} : { show }), offset, limit: ROWS } } })),
  });
}
