import type { Schemas } from "../../api-client/client";
import { groundOrder, type Ground } from "../../ui/ticket/ground";
import { momentOf, wallTime } from "../../ui/zone";

export type Ticket = Schemas["TicketShape"];

/** Cameras, an area, or both; times by the node's clocks, to the minute. */
export interface BoundsDraft {
  cameras: string[];
  area: string;
  since: string;
  until: string;
}

export interface Draft extends Ground {
  bounds: BoundsDraft;
  hours: number | null;
  reason: string;
}

const MINUTE = "2026-11-26T17:30".length;
const toField = (at: number | string, zone: string) => wallTime(at, zone).slice(0, MINUTE);

const TWO_HOURS_MS = 2 * 3_600_000;

/** The last two hours and the next two, to begin with: live pictures open while now lies inside. */
export function emptyBounds(now: number, zone: string): BoundsDraft {
  return { cameras: [], area: "", since: toField(now - TWO_HOURS_MS, zone), until: toField(now + TWO_HOURS_MS, zone) };
}

export function boundsOfTicket(ticket: Ticket, zone: string): BoundsDraft {
  return { cameras: ticket.cameras, area: ticket.area, since: toField(ticket.since, zone), until: toField(ticket.until, zone) };
}

export function isBackwards({ since, until }: BoundsDraft): boolean {
  return since !== "" && until !== "" && since >= until;
}

/** What is sent; undefined while something is missing. */
export function boundsOrder(draft: BoundsDraft, zone: string): Schemas["TicketBounds"] | undefined {
  const { cameras, area, since, until } = draft;
  if ((cameras.length === 0 && area === "") || since === "" || until === "" || isBackwards(draft)) return undefined;
  return { cameras, area, since: momentOf(since, zone).toISOString(), until: momentOf(until, zone).toISOString() };
}

/** What is sent; undefined while something is missing. */
export function orderOf({ bounds, hours, reason, ...ground }: Draft, zone: string): Schemas["TicketOrder"] | undefined {
  const [why, range] = [groundOrder(ground), boundsOrder(bounds, zone)];
  return why === undefined || range === undefined ? undefined : { ...why, bounds: range, hours, reason: reason.trim() };
}
