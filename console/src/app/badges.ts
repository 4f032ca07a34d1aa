import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api-client/client";
import { useAlarmSummary } from "../ui/alarm-summary";
import { useDuePatrols } from "../ui/due-patrols";
import { useMay } from "../ui/signed-in";
import { useEmergencies, waitsFor } from "./EmergencyBar";
import type { Badge, Viewer } from "./rooms";

/** What waits for the viewer, by page; 0 where nothing does. */
export function useBadges(): Record<Badge, number> {
  const may = useMay();
  const waiting = useQuery({ queryKey: ["waiting"], queryFn: () => body(api.GET("/api/v1/waiting-devices")), enabled: may("manage-devices") });
  const asked = useQuery({ queryKey: ["approvals", "badge"], queryFn: () => body(api.GET("/api/v1/approvals", { params: { query: { limit: 1 } } })), enabled: may("approve") || may("read-audit") });
  return {
    emergencies: useEmergencies().filter((one) => waitsFor(one, may("judge-emergency"), may("manage-people"))).length,
    waiting: waiting.data?.items.filter((entry) => entry.state === "waiting").length ?? 0,
    approvals: asked.data?.waiting ?? 0,
    alarms: useAlarmSummary()?.unclaimed ?? 0,
    patrols: useDuePatrols()?.open.filter((one) => one.state === "planned" || one.alone).length ?? 0,
  };
}

/** What decides which pages the navigation shows. */
export function useViewer(): Viewer {
  return { may: useMay(), emergencies: useEmergencies().length > 0 };
}
