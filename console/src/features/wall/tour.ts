/** When a tour goes on. The next picture is opened behind the one that is shown, and takes its place once it plays: nobody sees a gap. Pure. */
export const PRELOAD_MS = 5000;
/** So long after its time a step waits for the next one's pictures; then it is shown as it is, with what is wrong. */
export const PATIENCE_MS = 8000;

export interface TourState {
  /** Of this step; it does not run down while the tour is paused. */
  leftMs: number;
  /** Somebody asked for the next or the last step: it is not waited for the end of this one. */
  asked: boolean;
  paused: boolean;
  steps: number;
  /** Since when the next step is opened; undefined before. */
  stagedMs: number | undefined;
  /** All of its pictures play, or cannot. */
  ready: boolean;
}

export type TourMove = "wait" | "stage" | "switch";

export function tourMove({ leftMs, asked, paused, steps, stagedMs, ready }: TourState): TourMove {
  if (steps < 2 || (paused && !asked)) return "wait";
  if (stagedMs === undefined) return asked || leftMs <= PRELOAD_MS ? "stage" : "wait";
  if (!asked && leftMs > 0) return "wait";
  return ready || stagedMs >= PRELOAD_MS + PATIENCE_MS ? "switch" : "wait";
}

/** The step `by` further on, round and round. */
export const stepFrom = (at: number, by: number, steps: number): number => (((at + by) % steps) + steps) % steps;
