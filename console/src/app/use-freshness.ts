import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useNews } from "../ui/news";

/** Which answers an event makes old. */
const STALE: Record<string, string[]> = {
  "device.status": ["devices", "areas", "cameras"],
  "device.changed": ["devices", "areas", "cameras"],
  "camera.status": ["cameras", "areas"],
  "camera.passed": ["cameras", "areas", "devices"],
  "waiting.changed": ["waiting"],
  "catalogue.progress": ["areas", "cameras"],
  "approvals.changed": ["approvals"],
  "policy.changed": ["policy", "approvals", "owner-notices"],
  "duty.changed": ["duty"],
  "ticket.changed": ["tickets"],
  "emergency.changed": ["emergencies", "duty", "tickets"],
};

/** What is known of devices and cameras goes stale by the node's news. */
export function useFreshness(): void {
  const queries = useQueryClient();
  const { feed, epoch } = useNews();
  useEffect(() => {
    if (epoch > 0) void queries.invalidateQueries();
  }, [queries, epoch]);
  useEffect(() => {
    const stale = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const leave = feed?.listen((event) => {
      (STALE[event.type] ?? []).forEach((key) => stale.add(key));
      if (stale.size === 0) return;
      timer ??= setTimeout(() => {
        timer = undefined; // a storm of events is one refetch
        stale.forEach((key) => void queries.invalidateQueries({ queryKey: [key] }));
        stale.clear();
      }, 500);
    });
    return () => {
      clearTimeout(timer);
      leave?.();
    };
  }, [queries, feed]);
}
