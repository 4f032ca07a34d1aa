import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api-client/client";
import { useMay } from "./signed-in";

/** Of the most urgent ones, among which are those that somebody has taken. */
const LOOKED_AT = 100;

export interface AlarmSummary {
  /** Alarms that somebody has to see to. */
  open: number;
  /** Of these, those that nobody has taken: exact while no more than a hundred wait. */
  free: number;
}

/** How many alarms wait at the desk; asked for anew when the node tells of one. Undefined for whoever does not see them. */
export function useAlarmSummary(): AlarmSummary | undefined {
  const may = useMay();
  const enabled = may("take-duty") || may("read-duty-log");
  const found = useQuery({ queryKey: ["alarm-queue"], enabled, retry: false, queryFn: () => body(api.GET("/api/v1/alarms", { params: { query: { queue: "open", limit: LOOKED_AT } } })) }).data;
  if (found === undefined) return undefined;
  const open = found.total ?? found.items.length;
  return { open, free: open - found.items.filter(({ work }) => work !== null && work.owner !== null).length };
}
