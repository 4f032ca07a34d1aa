import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, body } from "../../api-client/client";
import type { Details } from "./round";

const keyOf = (round: number) => ["duty", "patrols", "round", round];

/** A round as the node has just answered it. */
export function keepRound(queries: QueryClient, details: Details): void {
  queries.setQueryData(keyOf(details.round.id), details);
  void queries.invalidateQueries({ queryKey: ["duty", "patrols", "due"] });
}

/** One round with its plan and results: asked anew whenever the node has news of duty. `round` 0: none. */
export function useRoundDetails(round: number): { details: Details | undefined; error: Error | null; take: (after: Details) => void } {
  const queries = useQueryClient();
  const found = useQuery({ queryKey: keyOf(round), enabled: round > 0, retry: false, queryFn: () => body(api.GET("/api/v1/video-patrols/rounds/{round}", { params: { path: { round } } })) });
  const take = useCallback((after: Details) => keepRound(queries, after), [queries]);
  return { details: found.data, error: found.error, take };
}
