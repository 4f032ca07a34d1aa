import { useQuery } from "@tanstack/react-query";
import { api, body, type Schemas } from "../api-client/client";
import { useMay } from "./signed-in";

export type QueueSummary = Schemas["AlarmQueueSummary"];
/** A flood ends by the clock alone. */
const AGAIN_MS = 60_000;

/** What waits at the desk, all of it; asked for anew when the node tells of an alarm. Undefined for whoever does not see them. */
export function useAlarmSummary(): QueueSummary | undefined {
  const may = useMay();
  const enabled = may("take-duty") || may("read-duty-log");
  return useQuery({ queryKey: ["alarm-queue"], enabled, retry: false, refetchInterval: AGAIN_MS, queryFn: () => body(api.GET("/api/v1/alarm-queue/summary", { params: { query: { top: 0 } } })) }).data;
}
