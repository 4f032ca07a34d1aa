import { useQuery } from "@tanstack/react-query";
import { api, body, type Schemas } from "../api-client/client";
import { useMay } from "../ui/signed-in";

/** So many are read; the others are counted. */
const READ = 50;

/** Alarms that wait too long and that no supervisor has taken note of; undefined for whoever supervises nobody. Asked anew when the node tells of an alarm. */
export function useLateAlarms(): Schemas["AlarmPage"] | undefined {
  const enabled = useMay()("manage-duty");
  return useQuery({ queryKey: ["alarm-queue", "late"], enabled, retry: false, queryFn: () => body(api.GET("/api/v1/alarms", { params: { query: { queue: "late", limit: READ } } })) }).data;
}
