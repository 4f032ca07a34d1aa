import type { Schemas } from "../../api-client/client";

export type Host = Schemas["AlarmHostShape"];
export type Point = Schemas["AlarmPointShape"];
export type PointOrder = Schemas["AlarmPointOrder"];
export type HostChange = Schemas["AlarmHostChange"];

/** How a host stands, for its mark: what is wrong first. */
export type HostState = "distrusted" | "silent" | "late" | "opened" | "tested" | "never" | "well";

export function hostState(host: Pick<Host, "distrusted" | "silent" | "lapse" | "heard_at" | "points">): HostState {
  if (host.distrusted) return "distrusted";
  if (host.silent) return "silent";
  if (host.lapse !== null) return host.lapse === "LATE" ? "late" : "opened";
  if (host.points.some((one) => one.test !== null)) return "tested";
  return host.heard_at === null ? "never" : "well";
}

/** A point as it would be entered again. */
export function orderOf({ id, zone, name, kind, camera, preset, others, longitude, latitude, arming }: Point): PointOrder {
  return { id, zone, name, kind, camera, preset, others, longitude, latitude, arming };
}

/** The host as it is, but for what is said: what the node takes in one piece. */
export function changeOf(host: Host, to: Partial<Omit<HostChange, "revision">>): HostChange {
  return { revision: host.revision, site: host.site, supervision_s: host.supervision_s, arming: host.arming, points: host.points.map(orderOf), ...to };
}

/** With this point in the place of the one that was changed, or as a further one. */
export function withPoint(host: Host, before: Point | undefined, now: PointOrder): HostChange {
  const points = host.points.map((one) => (one.id === before?.id ? { ...now, id: one.id } : orderOf(one)));
  return changeOf(host, { points: before === undefined ? [...points, now] : points });
}

export function withoutPoint(host: Host, gone: Point): HostChange {
  return changeOf(host, { points: host.points.filter((one) => one.id !== gone.id).map(orderOf) });
}
