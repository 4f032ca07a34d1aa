import type { Schemas } from "../../api-client/client";
import type { Period } from "../../ui/footage/pieces";

/** What stands on a timeline beside the footage itself: what somebody noted, what happened, and what lacks, with its cause. Pure. */
export type Bookmark = Schemas["BookmarkShape"];
export type PastEvent = Schemas["PastEventShape"];
export type Gap = Schemas["GapShape"];
export type PastAlarm = Schemas["AlarmShape"];
export type MarkKind = "bookmark" | "alarm" | "event" | "gap";
export const MARK_KINDS: readonly MarkKind[] = ["bookmark", "alarm", "event", "gap"];

interface Placed extends Period {
  key: string;
  camera: string;
  /** Where one goes to. */
  atUs: number;
}

export type Mark = Placed & ({ kind: "bookmark"; bookmark: Bookmark } | { kind: "alarm"; alarm: PastAlarm } | { kind: "event"; event: PastEvent } | { kind: "gap"; gap: Gap });

const FINEST = /\.(\d{1,6})\d*/;

/** Microseconds since 1970; the browser's own dates know no parts of a millisecond. */
export function usOf(at: string): number {
  const digits = (FINEST.exec(at)?.[1] ?? "").padEnd(6, "0");
  return Date.parse(at.replace(FINEST, "")) * 1_000 + Number(digits);
}

/** The same backwards. */
export function isoOf(us: number): string {
  const whole = Math.floor(us);
  const part = ((whole % 1e6) + 1e6) % 1e6;
  return new Date((whole - part) / 1_000).toISOString().replace(".000Z", `.${String(part).padStart(6, "0")}Z`);
}

export function bookmarkMark(bookmark: Bookmark): Mark {
  const fromUs = usOf(bookmark.from);
  return { kind: "bookmark", key: `bookmark-${bookmark.id}`, camera: bookmark.camera, atUs: fromUs, fromUs, toUs: usOf(bookmark.to), bookmark };
}

export function eventMark(camera: string, event: PastEvent): Mark {
  return { kind: "event", key: `event-${camera}-${event.at}`, camera, atUs: usOf(event.at), fromUs: usOf(event.from), toUs: usOf(event.to), event };
}

export function alarmMark(camera: string, alarm: PastAlarm): Mark {
  const atUs = usOf(alarm.received_at);
  return { kind: "alarm", key: `alarm-${alarm.id}`, camera, atUs, fromUs: atUs, toUs: atUs, alarm };
}

export function gapMark(camera: string, gap: Gap): Mark {
  const fromUs = usOf(gap.from);
  return { kind: "gap", key: `gap-${camera}-${gap.from}`, camera, atUs: fromUs, fromUs, toUs: usOf(gap.to), gap };
}

/** The cause that most of a gap has. */
export function causeOf(gap: Gap): Gap["parts"][number]["cause"] {
  const lasted = new Map<Gap["parts"][number]["cause"], number>();
  for (const part of gap.parts) lasted.set(part.cause, (lasted.get(part.cause) ?? 0) + usOf(part.to) - usOf(part.from));
  return [...lasted].reduce<["unknown" | Gap["parts"][number]["cause"], number]>((most, one) => (one[1] > most[1] ? one : most), ["unknown", -1])[0];
}

/** What is told where: a mark, or several that lie too near to each other to be told apart. */
export interface MarkGroup {
  marks: readonly Mark[];
  /** A share of the window's width. */
  left: number;
}

/** Where a mark's sign stands: where it begins, of a gap in the middle of what is seen of it; undefined outside. */
function placeOf(mark: Mark, window: Period): number | undefined {
  if (mark.toUs < window.fromUs || mark.fromUs > window.toUs) return undefined;
  const [from, to] = [Math.max(mark.fromUs, window.fromUs), Math.min(mark.toUs, window.toUs)];
  const at = mark.kind === "gap" ? (from + to) / 2 : Math.max(mark.atUs, window.fromUs);
  return at > window.toUs ? undefined : (at - window.fromUs) / (window.toUs - window.fromUs);
}

/** Marks of a window from left to right, those within `apart` of each other as one. */
export function grouped(marks: readonly Mark[], window: Period, apart: number): MarkGroup[] {
  const placed = marks.flatMap((mark) => {
    const left = placeOf(mark, window);
    return left === undefined ? [] : [{ mark, left }];
  });
  placed.sort((one, other) => one.left - other.left);
  const groups: { marks: Mark[]; left: number }[] = [];
  for (const { mark, left } of placed) {
    const last = groups.at(-1);
    if (last !== undefined && left - last.left < apart) last.marks.push(mark);
    else groups.push({ marks: [mark], left });
  }
  return groups;
}

/** The kind that a group is drawn as: what somebody wrote counts most, then what happened. */
export function kindOf(group: MarkGroup): MarkKind {
  return MARK_KINDS.find((kind) => group.marks.some((mark) => mark.kind === kind)) ?? "gap";
}

/** Playing goes on meanwhile: the mark behind is the one before the one that one has just been at. */
const BEHIND_US = 1e6;
const AHEAD_US = 1_000;

/** The mark after an instant, or before it; of several at one instant the first. */
export function nextMark(marks: readonly Mark[], atUs: number, by: 1 | -1): Mark | undefined {
  let found: Mark | undefined;
  for (const mark of marks) {
    const beyond = by > 0 ? mark.atUs > atUs + AHEAD_US : mark.atUs < atUs - BEHIND_US;
    if (beyond && (found === undefined || (by > 0 ? mark.atUs < found.atUs : mark.atUs > found.atUs))) found = mark;
  }
  return found;
}

/** As they lie in time. */
export const inOrder = (marks: readonly Mark[]): Mark[] => [...marks].sort((one, other) => one.atUs - other.atUs || one.key.localeCompare(other.key));
