import type { Period } from "../../ui/footage/pieces";

/** When something moved, by the sizes of a camera's pictures. Times: µs since 1970. */
export interface Busy extends Period {
  peak: number;
}

/** How much moves: `levels` of equal parts of the period, 0 to 100; -1: no footage. `busy`: ascending. */
export interface Curve {
  period: Period;
  levels: readonly number[];
  busy: readonly Busy[];
}

const PART_US = 10e6;
const MOST_PARTS = 10_000;
/** What begins nearer than this is where one is. */
const HERE_US = 1e6;
/** Steps of one outline: more than are told apart on a screen. */
const COLUMNS = 900;
export const TOP = 100;

/** In how many parts the curve of a period is asked for: of ten seconds, as far as the node gives so many. Pure, as all below. */
export const partsOf = (period: Period): number => Math.min(MOST_PARTS, Math.max(1, Math.ceil((period.toUs - period.fromUs) / PART_US)));

/** How many parts of the curve are drawn as one, in a window of this length. */
export const stepOf = (curve: Curve, window: Period): number => {
  const shown = ((window.toUs - window.fromUs) / (curve.period.toUs - curve.period.fromUs)) * curve.levels.length;
  return 2 ** Math.max(0, Math.ceil(Math.log2(shown / COLUMNS)));
};

/** The outline of the levels, as a path over `levels.length` by `TOP`: the highest of each step, so that a short event is seen in a long day. */
export function outline(levels: readonly number[], step: number): string {
  const parts = [`M0 ${TOP}`];
  for (let at = 0; at < levels.length; at += step) {
    const highest = Math.max(0, ...levels.slice(at, at + step));
    parts.push(`V${TOP - highest}H${Math.min(at + step, levels.length)}`);
  }
  return `${parts.join("")}V${TOP}Z`;
}

/** The part of the outline that a window shows: its left edge and width, in parts of the curve. */
export function viewOf(curve: Curve, window: Period): { left: number; width: number } {
  const part = (curve.period.toUs - curve.period.fromUs) / curve.levels.length;
  return { left: (window.fromUs - curve.period.fromUs) / part, width: (window.toUs - window.fromUs) / part };
}

/** Where something next begins to move, of whichever camera; or the one before. Undefined: nowhere any more. */
export function nextBusy(curves: readonly (Curve | undefined)[], atUs: number, by: 1 | -1): number | undefined {
  const begins = curves.flatMap((curve) => curve?.busy.map((one) => one.fromUs) ?? []).sort((one, other) => one - other);
  return by > 0 ? begins.find((begin) => begin > atUs + HERE_US) : begins.findLast((begin) => begin < atUs - HERE_US);
}
