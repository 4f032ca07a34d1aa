import type { Schemas } from "../../api-client/client";
import type { Parts } from "../../ui/footage/conductor";
import type { Period } from "../../ui/footage/pieces";
import { wallTime } from "../../ui/zone";
import type { Stream, StreamSpan } from "./streams";

type Ticket = Schemas["TicketShape"];

/** The browser knows no parts of a millisecond: what it asks for must not begin before the ticket does. */
const ROUNDED_US = 1_000;
const us = (at: string) => Date.parse(at) * 1_000;

const RECORDED = "view-recorded";

/** All that tickets in force open of recorded footage of a time, of a camera: parts in their order, none over another, each of them wholly within
 *  one ticket. `area`: where the camera is shown. Pure. */
export function allCoveredBy(tickets: readonly Ticket[], camera: string, area: string, wanted: Period): Period[] {
  const names = (one: Ticket) => one.cameras.includes(camera) || (one.area !== "" && area.startsWith(one.area));
  const each = tickets
    .filter((one) => one.state === "open" && one.opens.includes(RECORDED) && names(one))
    .map((one) => ({ fromUs: Math.max(us(one.since) + ROUNDED_US, wanted.fromUs), toUs: Math.min(us(one.until), wanted.toUs) }))
    .sort((one, other) => one.fromUs - other.fromUs || other.toUs - one.toUs);
  const found: Period[] = [];
  for (const { fromUs, toUs } of each) {
    const from = Math.max(fromUs, found.at(-1)?.toUs ?? fromUs);
    if (from < toUs) found.push({ fromUs: from, toUs });
  }
  return found;
}

const holds = (atUs: number) => (one: Period) => one.fromUs <= atUs && atUs < one.toUs;

/** The part that is played at an instant: what holds it, else the next one, else the last. */
export const partAt = (parts: readonly Period[], atUs: number): Period | undefined => parts.find((one) => atUs < one.toUs) ?? parts.at(-1);

/** Pictures behind midnight hang on a key frame before it, a minute before at most. */
const LEAD_US = 60e6;

/** A part of a day that goes on over its midnight is opened from before that on: what is shown begins with a key frame. `around`: the same parts,
 *  uncut. Pure. */
export function ledIn(part: Period | undefined, around: readonly Period[]): Period | undefined {
  const whole = part && around.find(holds(part.fromUs));
  return part && { ...part, fromUs: Math.max(part.fromUs - LEAD_US, Math.min(whole?.fromUs ?? part.fromUs, part.fromUs)) };
}

/** What is recorded of all cameras. `isWhole`: it is known how it goes on after the last, or before the first of it. */
export interface Recorded {
  spans: readonly Period[];
  isWhole: boolean;
  /** By camera, of days that are further away. */
  of?: ReadonlyMap<string, readonly Period[]>;
}
const NOTHING: Recorded = { spans: [], isWhole: true };

/** Where play goes on when nobody shows anything any more: with what was recorded next, the next part of the day, or over midnight; undefined:
 *  nowhere. `parts`: of the day and of those beside it. Pure. */
export function onwards(open: readonly Period[], parts: readonly Period[], day: Period, atUs: number, backwards: boolean, recorded = NOTHING): number | "wait" | undefined {
  // Until the page has turned to it.
  if (!open.some(holds(atUs)) && parts.some(holds(atUs))) return Math.min(Math.max(atUs, day.fromUs - 1), day.toUs);
  const behind = nextPart(recorded.spans, atUs, backwards);
  if (behind !== undefined) return behind;
  if (!recorded.isWhole) return "wait";
  if (open.some(holds(atUs))) return undefined; // it ends there because no more was recorded
  const next = nextPart(parts, atUs, backwards);
  return next !== undefined && holds(next)(day) ? next : undefined;
}

/** Where the next part is come to, in the direction of play. Pure. */
export function nextPart(parts: readonly Period[], atUs: number, backwards: boolean): number | undefined {
  const next = backwards ? parts.map((one) => one.toUs - 1).filter((end) => end < atUs) : parts.map((one) => one.fromUs).filter((begin) => begin > atUs);
  return next.length === 0 ? undefined : backwards ? Math.max(...next) : Math.min(...next);
}

/** What is open of a camera, and all of it that may be played: the page turns to another part, or stream, where that has footage. */
interface Opened {
  period: Period | undefined;
  around: readonly Period[];
  spans?: readonly StreamSpan[];
  stream?: Stream | undefined;
}

/** What is played of another stream than the one that is open. */
const otherwise = ({ spans, stream }: Opened) => (stream === undefined ? [] : (spans ?? []).filter((one) => one.stream !== stream));

/** What a clock has to know of a day's parts and of those beside it. `recorded`: where gaps are jumped, also on other days. Pure. */
export function partsOf(footage: ReadonlyMap<string, Opened>, day: Period, recorded = NOTHING): Parts {
  const each = [...footage.values()];
  const [open, all, others] = [each.flatMap((one) => one.period ?? []), each.flatMap((one) => one.around), each.flatMap(otherwise)];
  return {
    onwards: (atUs, backwards) => onwards(open, all, day, atUs, backwards, recorded) ?? (others.some(holds(atUs)) ? atUs : nextPart(others, atUs, backwards)),
    next: (atUs, backwards) => nextPart([...all, ...others], atUs, backwards),
    turns: (camera, atUs) => {
      const one = footage.get(camera);
      if (one?.period === undefined) return false;
      if (holds(atUs)(one.period)) return otherwise(one).some(holds(atUs));
      return one.around.some(holds(atUs)) || (recorded.of?.get(camera) ?? []).some(holds(atUs));
    },
    beside: (camera, atUs, backwards) => {
      const one = footage.get(camera);
      if (one?.period === undefined) return undefined;
      const [beyond, sign] = backwards ? [one.period.fromUs - 1, -1] : [one.period.toUs, 1];
      const cut = (beyond - atUs) * sign > 0 && one.around.some(holds(beyond)) ? [beyond] : [];
      const next = [...cut, ...[nextPart([...one.around, ...otherwise(one)], atUs, backwards)].filter((found) => found !== undefined)];
      return next.sort((first, other) => (first - other) * sign)[0];
    },
  };
}

/** The part of a day that the timeline shows: as long as chosen, around the instant that is played, within the day. */
export function windowAround(day: Period, atUs: number, lengthUs: number): Period {
  const length = Math.min(lengthUs, day.toUs - day.fromUs);
  const from = Math.min(Math.max(atUs - length / 2, day.fromUs), day.toUs - length);
  return { fromUs: from, toUs: from + length };
}

const HOUR_US = 3_600e6;
const TICKS = 12;

/** Where a window is labelled: a day at each second full hour, as often as clocks show it where they are put back, and not where they leave it out;
 *  what is shorter, in equal parts. Shares of its width. Pure. */
export function ticksOf(window: Period, zone: string): { atUs: number; left: string }[] {
  const length = window.toUs - window.fromUs;
  const isDay = length > 12 * HOUR_US;
  const step = isDay ? HOUR_US / 2 : length / TICKS;
  const isShown = (atUs: number) => /T\d[02468]:00/.test(wallTime(atUs / 1_000, zone));
  return Array.from({ length: Math.round(length / step) }, (_, at) => window.fromUs + at * step)
    .filter((atUs) => !isDay || isShown(atUs))
    .map((atUs) => ({ atUs, left: `${((atUs - window.fromUs) * 100) / length}%` }));
}

/** Where a span lies in a window, as shares of its width; undefined outside. */
export function within(window: Period, span: Period): { left: string; width: string } | undefined {
  const length = window.toUs - window.fromUs;
  const left = Math.max(0, (span.fromUs - window.fromUs) / length);
  const right = Math.min(1, (span.toUs - window.fromUs) / length);
  return right > left ? { left: `${left * 100}%`, width: `${(right - left) * 100}%` } : undefined;
}
