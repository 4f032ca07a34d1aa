/** Whether a picture that played stands still: an operator must not take a frozen picture for a quiet street. Pure. */
const STILL_MS = 3000;
const GIVE_UP_MS = 10_000;

export type Verdict = { kind: "moving" } | { kind: "still"; sinceMs: number } | { kind: "given up" };

export class Stillness {
  private movedAtMs: number | undefined;
  private decoded = 0;

  moved(nowMs: number): void {
    this.movedAtMs = nowMs;
  }

  /** Nothing is awaited until it moves again. */
  stopped(): void {
    this.movedAtMs = undefined;
  }

  /** `decoded`: pictures decoded so far; they count where a page that is not drawn has no frames to present. */
  look(nowMs: number, decoded: number): Verdict {
    if (this.movedAtMs === undefined) return { kind: "moving" };
    if (decoded > this.decoded) this.movedAtMs = nowMs;
    this.decoded = decoded;
    const stillMs = nowMs - this.movedAtMs;
    if (stillMs < STILL_MS) return { kind: "moving" };
    return stillMs < GIVE_UP_MS ? { kind: "still", sinceMs: this.movedAtMs } : { kind: "given up" };
  }
}
