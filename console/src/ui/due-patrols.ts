import { useQuery } from "@tanstack/react-query";
import { api, body, type Schemas } from "../api-client/client";
import { useMay } from "./signed-in";

export type Round = Schemas["RoundShape"];
export type Due = Schemas["DueShape"];
const ASK_MS = 15_000;

/** Rounds that are due, under way and coming at the centres that the reader may read; what was missed, for their supervisors. */
export function useDuePatrols(): Due | undefined {
  const may = useMay();
  const enabled = may("take-duty") || may("manage-duty") || may("read-duty-log");
  // under "duty": the node's news of duty make it stale
  return useQuery({ queryKey: ["duty", "patrols", "due"], enabled, retry: false, refetchInterval: ASK_MS, queryFn: () => body(api.GET("/api/v1/video-patrols/due")) }).data;
}
