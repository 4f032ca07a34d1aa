/** What the media port tells of recorded footage (docs/design/seams.md), and media time against the clock. Times: µs since 1970. Pure. */
export type Way = "all" | "keys" | "back";

export interface Init {
  kind: "init";
  id: string;
  mime: string;
  width: number;
  height: number;
  bytes: number;
}

export interface Fragment {
  kind: "fragment";
  from_us: number;
  to_us: number;
  camera_us: number | null;
  clock_error_us: number | null;
  /** The device recorded it, and the node did not. */
  from_device: boolean;
  /** Of its pictures, after `from_us`. */
  times_us: number[];
  bytes: number;
}

interface Span {
  from_us: number;
  to_us: number;
}

/** Footage that is not there, or cannot be shown: its bytes are damaged; they lie in the second tier, which does not give them now; this browser
 *  does not decode them. `reason`: of damage and of what is away, in the node's English. */
export type Missing = Span & { kind: "gap" | "damage" | "away" | "undecoded"; reason?: string };

export interface Answer {
  number: number;
  /** `peek`: of a key frame that is looked at beside what is played. */
  way: Way | "peek";
  next_us: number;
  ended: boolean;
  bytes: number;
  pieces: (Init | Fragment | Missing)[];
}

export interface Period {
  fromUs: number;
  toUs: number;
}

/** Key frames alone pass so many times as fast in media time. */
export const KEYS_FASTER = 8;
/** Above this speed key frames alone are shown. */
const FASTEST_ALL = 4;
export const FORWARD = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32];
export const BACKWARD = [-1, -2, -4, -8, -16, -32];

export const wayOf = (speed: number): Way => (speed < 0 ? "back" : speed > FASTEST_ALL ? "keys" : "all");

/** How fast the browser plays: media time against its own clock. */
export const rateOf = (speed: number): number => Math.abs(speed) / (wayOf(speed) === "all" ? 1 : KEYS_FASTER);

/** Seconds of media time. */
export function mediaTime(way: Way, period: Period, atUs: number): number {
  if (way === "back") return (period.toUs - atUs) / 1e6 / KEYS_FASTER;
  return (atUs - period.fromUs) / 1e6 / (way === "all" ? 1 : KEYS_FASTER);
}

/** The inverse. */
export function wallTimeUs(way: Way, period: Period, mediaS: number): number {
  if (way === "back") return period.toUs - mediaS * 1e6 * KEYS_FASTER;
  return period.fromUs + mediaS * 1e6 * (way === "all" ? 1 : KEYS_FASTER);
}

/** When a stretch of media time is of. */
export function spanOf(way: Way, period: Period, media: { start: number; end: number } | undefined): Period | undefined {
  if (media === undefined) return undefined;
  const [first, last] = way === "back" ? [media.end, media.start] : [media.start, media.end];
  return { fromUs: wallTimeUs(way, period, first), toUs: wallTimeUs(way, period, last) };
}

/** Where the playback rate must lead so that the picture comes to its time within about a second; `jump` when that would take too long. */
export function towards(errorS: number, rate: number): { jump: boolean; rate: number } {
  if (Math.abs(errorS) > 0.35 * Math.max(1, rate)) return { jump: true, rate };
  if (Math.abs(errorS) < 0.008) return { jump: false, rate };
  return { jump: false, rate: rate * (1 - Math.max(-0.25, Math.min(0.25, errorS * 1.5))) };
}

/** The shortest way over what no camera has: the first instant at which one has footage again, in the direction of play; undefined while one has some now. */
export function overGaps(gaps: readonly (Missing | undefined)[], backwards: boolean): number | undefined {
  if (gaps.length === 0 || gaps.some((gap) => gap === undefined)) return undefined;
  const ends = gaps.map((gap) => (backwards ? (gap?.from_us ?? 0) : (gap?.to_us ?? 0)));
  return backwards ? Math.max(...ends) : Math.min(...ends);
}
