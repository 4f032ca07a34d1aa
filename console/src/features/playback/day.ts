import type { Schemas } from "../../api-client/client";
import type { Period } from "../../ui/footage/pieces";

type Ticket = Schemas["TicketShape"];

/** The browser knows no parts of a millisecond: what it asks for must not begin before the ticket does. */
const ROUNDED_US = 1_000;
const us = (at: string) => Date.parse(at) * 1_000;

/** What of a time one may play of a camera: by the ticket in force that covers most of it. `area`: where the camera is shown. Pure. */
export function coveredBy(tickets: readonly Ticket[], camera: string, area: string, wanted: Period): Period | undefined {
  const names = (one: Ticket) => one.cameras.includes(camera) || (one.area !== "" && area.startsWith(one.area));
  const parts = tickets
    .filter((one) => one.state === "open" && names(one))
    .map((one) => ({ fromUs: Math.max(us(one.since) + ROUNDED_US, wanted.fromUs), toUs: Math.min(us(one.until), wanted.toUs) }))
    .filter((one) => one.fromUs < one.toUs);
  return parts.reduce<Period | undefined>((best, one) => (best === undefined || one.toUs - one.fromUs > best.toUs - best.fromUs ? one : best), undefined);
}

/** The part of a day that the timeline shows: as long as chosen, around the instant that is played, within the day. */
export function windowAround(day: Period, atUs: number, lengthUs: number): Period {
  const length = Math.min(lengthUs, day.toUs - day.fromUs);
  const from = Math.min(Math.max(atUs - length / 2, day.fromUs), day.toUs - length);
  return { fromUs: from, toUs: from + length };
}

/** Where a span lies in a window, as shares of its width; undefined outside. */
export function within(window: Period, span: Period): { left: string; width: string } | undefined {
  const length = window.toUs - window.fromUs;
  const left = Math.max(0, (span.fromUs - window.fromUs) / length);
  const right = Math.min(1, (span.toUs - window.fromUs) / length);
  return right > left ? { left: `${left * 100}%`, width: `${(right - left) * 100}%` } : undefined;
}

/** All that tickets in force open of a time, of a camera: what lies wholly within another is left out. Pure. */
export function allCoveredBy(tickets: readonly Ticket[], camera: string, area: string, wanted: Period): Period[] {
  const each = tickets.flatMap((one) => coveredBy([one], camera, area, wanted) ?? []);
  each.sort((one, other) => one.fromUs - other.fromUs || other.toUs - one.toUs);
  const found: Period[] = [];
  for (const one of each) if (one.toUs > (found.at(-1)?.toUs ?? -Infinity)) found.push(one);
  return found;
}

/** The part of a time that may be seen. */
export function partOf(open: Period | undefined, wanted: Period): Period | undefined {
  if (open === undefined) return undefined;
  const [fromUs, toUs] = [Math.max(open.fromUs, wanted.fromUs), Math.min(open.toUs, wanted.toUs)];
  return fromUs < toUs ? { fromUs, toUs } : undefined;
}
