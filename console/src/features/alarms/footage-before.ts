import { useQuery } from "@tanstack/react-query";
import { api, body, type Schemas } from "../../api-client/client";
import { lackOf } from "../../ui/replay/replayable";
import { useMay } from "../../ui/signed-in";

/** So much of what was before an alarm is shown beside it. */
export const BEFORE_S = 30;

export interface Footage {
  /** Why there is none to be seen. */
  lack: "right" | "off" | undefined;
  /** Undefined until the node has told how the camera is recorded. */
  stream: "main" | "sub" | undefined;
  /** A use ticket that is open covers it. */
  covered: boolean;
}

/** Whether a use ticket covers the time before an alarm: without one the node refuses, and each refusal is on record. Pure. */
export function covers(ticket: Pick<Schemas["TicketShape"], "state" | "opens" | "cameras" | "since" | "until">, camera: string, atMs: number): boolean {
  return ticket.state === "open" && ticket.opens.includes("view-recorded") && ticket.cameras.includes(camera) && Date.parse(ticket.since) <= atMs - BEFORE_S * 1_000 && Date.parse(ticket.until) >= atMs;
}

/** What the reader may see of the seconds before an alarm. `camera`: empty where none is linked. */
export function useFootage(camera: string, atMs: number): Footage {
  const allowed = useMay()("view-recorded");
  const enabled = allowed && camera !== "";
  const plan = useQuery({ queryKey: ["recording-plan", camera], enabled, retry: false, queryFn: () => body(api.GET("/api/v1/cameras/{code}/recording-plan", { params: { path: { code: camera } } })) }).data;
  const tickets = useQuery({ queryKey: ["tickets"], enabled, retry: false, queryFn: () => body(api.GET("/api/v1/tickets")) }).data;
  const off = plan !== undefined && lackOf(plan, atMs) === "off";
  return { lack: !allowed ? "right" : off ? "off" : undefined, stream: plan?.stream, covered: tickets?.items.some((one) => covers(one, camera, atMs)) === true };
}
