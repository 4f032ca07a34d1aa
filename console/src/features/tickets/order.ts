import type { Schemas } from "../../api-client/client";

export type Ticket = Schemas["TicketShape"];
export type Purpose = Schemas["PurposeList"]["items"][number];

/** Cameras, an area, or both; times as the browser's own fields give them, without a zone. */
export interface BoundsDraft {
  cameras: string[];
  area: string;
  since: string;
  until: string;
}

export interface Draft {
  purpose: Purpose | undefined;
  basis: string | undefined;
  caseNumber: string;
  bounds: BoundsDraft;
  hours: number | null;
  reason: string;
}

const two = (value: number) => String(value).padStart(2, "0");

/** A moment as a field of the browser wants it: local, to the minute. */
export function toField(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** The last two hours, to begin with. */
export function emptyBounds(now: Date): BoundsDraft {
  return { cameras: [], area: "", since: toField(new Date(now.getTime() - 2 * 3_600_000)), until: toField(now) };
}

export function boundsOfTicket(ticket: Ticket): BoundsDraft {
  return { cameras: ticket.cameras, area: ticket.area, since: toField(new Date(ticket.since)), until: toField(new Date(ticket.until)) };
}

export function isBackwards({ since, until }: BoundsDraft): boolean {
  return since !== "" && until !== "" && since >= until;
}

/** What is sent; undefined while something is missing. */
export function boundsOrder(draft: BoundsDraft): Schemas["TicketBounds"] | undefined {
  const { cameras, area, since, until } = draft;
  if ((cameras.length === 0 && area === "") || since === "" || until === "" || isBackwards(draft)) return undefined;
  return { cameras, area, since: new Date(since).toISOString(), until: new Date(until).toISOString() };
}

/** What is sent; undefined while something is missing. */
export function orderOf({ purpose, basis, caseNumber, bounds, hours, reason }: Draft): Schemas["TicketOrder"] | undefined {
  const range = boundsOrder(bounds);
  if (purpose === undefined || basis === undefined || range === undefined || !purpose.basis.includes(basis)) return undefined;
  const number = purpose.case_number === "none" ? "" : caseNumber.trim();
  if (purpose.case_number === "required" && number === "") return undefined;
  return { purpose: purpose.code, legal_basis: basis, case_number: number, bounds: range, hours, reason: reason.trim() };
}
