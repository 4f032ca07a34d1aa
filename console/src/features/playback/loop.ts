import type { Period } from "../../ui/footage/pieces";

/** What is repeated where nothing is marked: what one has just seen. */
const LOOP_US = 10e6;

/** Between in and out where both are marked, else the last ten seconds. */
export function loopOf(marked: Period | undefined, atUs: number): Period {
  return marked ?? { fromUs: atUs - LOOP_US, toUs: atUs };
}

/** Whoever goes elsewhere wants to be there. */
export function isLeft(loop: Period | undefined, atUs: number): boolean {
  return loop !== undefined && (atUs < loop.fromUs || atUs >= loop.toUs);
}
