import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { NodeEvent } from "../api-client/events";
import { useNews } from "../ui/news";
import { CameraNews } from "./camera-news";
import { Gathered, GLANCE_MS } from "./gathered";

const STALE: Record<string, string[]> = {
  "device.status": ["devices", "areas", "cameras", "kept-cameras"],
  "device.changed": ["devices", "areas", "cameras", "kept-cameras"],
  "camera.passed": ["cameras", "areas", "devices", "kept-cameras"],
  "waiting.changed": ["waiting"],
  "catalogue.progress": ["areas", "cameras", "kept-cameras"],
  "approvals.changed": ["approvals"],
  "policy.changed": ["policy", "approvals", "owner-notices"],
  "duty.changed": ["duty"],
  "ticket.changed": ["tickets"],
  "alarm.received": ["alarm-queue"],
  "alarm.work": ["alarm-queue", "steps of an alarm", "incident-alarms"],
  "alarm.passed": ["alarm-queue"],
  "alarm.silence": ["alarm-queue"],
  "alarm.shelf": ["alarm-queue"],
  "incident.changed": ["incidents"],
  "procedure.run": ["procedure-runs", "incidents"],
  "task.changed": ["incidents"],
  "unit.changed": ["incidents", "patrol-units"],
  "notice.changed": ["notices", "alarm-notices"],
  "emergency.changed": ["emergencies", "duty", "tickets"],
};
/** A first piece of news is asked about at once; a storm of them is one question in so long. */
const REFETCH_MS = 500;
/** The desk's count of what waits, and how bad it is: whoever sits there looks at nothing else in a storm. */
const DESK_MS = 250;
const OF_THE_DESK = "alarm-queue";
/** Counts of areas, and lists filtered by status, after camera after camera has changed. */
const RECOUNT_MS = 3000;

interface CameraStatus extends NodeEvent {
  code: string;
  status: string;
}

const isCameraStatus = (event: NodeEvent): event is CameraStatus => event.type === "camera.status";

/** What is known of devices and cameras follows the node's news. */
export function useFreshness(): void {
  const queries = useQueryClient();
  const { feed, epoch } = useNews();
  useEffect(() => {
    if (epoch > 0) void queries.invalidateQueries();
  }, [queries, epoch]);
  useEffect(() => {
    const cameras = new CameraNews(queries);
    const invalidate = (keys: string[]) => Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key] })));
    const stale = new Gathered(REFETCH_MS, invalidate);
    const desk = new Gathered(DESK_MS, invalidate);
    const recount = new Gathered(RECOUNT_MS, invalidate);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const write = () => {
      timer = undefined;
      cameras.write();
      recount.note(["areas", "cameras"]);
    };
    const leave = feed?.listen((event) => {
      if (isCameraStatus(event)) {
        cameras.hear(event.code, event.status);
        timer ??= setTimeout(write, GLANCE_MS);
      } else {
        const keys = STALE[event.type] ?? [];
        if (keys.includes(OF_THE_DESK)) desk.note([OF_THE_DESK]);
        stale.note(keys.filter((key) => key !== OF_THE_DESK));
      }
    });
    return () => {
      clearTimeout(timer);
      stale.stop();
      desk.stop();
      recount.stop();
      leave?.();
      cameras.stop();
    };
  }, [queries, feed]);
}
