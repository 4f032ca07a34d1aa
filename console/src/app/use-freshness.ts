import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { NodeEvent } from "../api-client/events";
import { useNews } from "../ui/news";
import { CameraNews } from "./camera-news";

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
/** News of one glance are written into the page together. */
const GLANCE_MS = 40;
/** A first piece of news is asked about at once; a storm of them is one question in so long. */
const REFETCH_MS = 500;
/** Counts of areas, and lists filtered by status, after camera after camera has changed. */
const RECOUNT_MS = 3000;

interface CameraStatus extends NodeEvent {
  code: string;
  status: string;
}

const isCameraStatus = (event: NodeEvent): event is CameraStatus => event.type === "camera.status";

/** Calls `act` with what was noted: at once when it was quiet, else when `everyMs` have passed since. */
class Gathered {
  private readonly noted = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastMs = -Infinity;

  constructor(
    private readonly everyMs: number,
    private readonly act: (keys: string[]) => void,
  ) {}

  note(keys: readonly string[]): void {
    keys.forEach((key) => this.noted.add(key));
    if (this.noted.size > 0) this.timer ??= setTimeout(() => this.tell(), Math.max(GLANCE_MS, this.lastMs + this.everyMs - performance.now()));
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private tell(): void {
    this.timer = undefined;
    this.lastMs = performance.now();
    const keys = [...this.noted];
    this.noted.clear();
    this.act(keys);
  }
}

/** What is known of devices and cameras follows the node's news. */
export function useFreshness(): void {
  const queries = useQueryClient();
  const { feed, epoch } = useNews();
  useEffect(() => {
    if (epoch > 0) void queries.invalidateQueries();
  }, [queries, epoch]);
  useEffect(() => {
    const cameras = new CameraNews(queries);
    const invalidate = (keys: string[]) => keys.forEach((key) => void queries.invalidateQueries({ queryKey: [key] }));
    const stale = new Gathered(REFETCH_MS, invalidate);
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
      } else stale.note(STALE[event.type] ?? []);
    });
    return () => {
      clearTimeout(timer);
      stale.stop();
      recount.stop();
      leave?.();
      cameras.stop();
    };
  }, [queries, feed]);
}
