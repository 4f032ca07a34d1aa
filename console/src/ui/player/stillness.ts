import type { Problem } from "../../api-client/client";

/** Whether a picture that played stands still: an operator must not take a frozen picture for a quiet street. Pure. */
const STILL_MS = 3000;
const GIVE_UP_MS = 10_000;
const UNSHOWN_MS = 15_000;

/** The node sends, and this browser shows nothing of it. */
export const UNSHOWN: Problem = {
  status: 0,
  code: "player.unshown",
  zh: "已收到码流,但浏览器未显示画面",
  en: "The stream arrives, but the browser shows no picture",
  remedy_zh: "正在重试;若仍无画面,请换一种播放方式",
  remedy_en: "It is tried again; if there is still no picture, choose another way of playing",
};

export type Verdict = { kind: "moving" } | { kind: "still"; sinceMs: number } | { kind: "given up" } | { kind: "unshown" };

export class Stillness {
  private movedAtMs: number | undefined;
  private awaitedSinceMs: number | undefined;
  private begun = false;
  private decoded = 0;

  /** A player was made: its first picture is awaited, from when the node says that the stream plays. */
  began(): void {
    this.begun = true;
    this.awaitedSinceMs = undefined;
  }

  moved(nowMs: number): void {
    this.movedAtMs = nowMs;
  }

  /** Nothing is awaited until it moves again. */
  stopped(): void {
    this.movedAtMs = undefined;
    this.begun = false;
  }

  /** `playing`, `over`: what the node says of the stream; it ends one that it sees nobody read. `decoded`: pictures decoded so far; they count where a page that is not drawn has no frames to present. */
  look(nowMs: number, decoded: number, playing: boolean, over = false): Verdict {
    if (this.movedAtMs === undefined) return this.awaited(nowMs, decoded, playing, over);
    if (decoded > this.decoded) this.movedAtMs = nowMs;
    this.decoded = decoded;
    const stillMs = nowMs - this.movedAtMs;
    if (stillMs < STILL_MS) return { kind: "moving" };
    return stillMs < GIVE_UP_MS ? { kind: "still", sinceMs: this.movedAtMs } : { kind: "given up" };
  }

  private awaited(nowMs: number, decoded: number, playing: boolean, over: boolean): Verdict {
    if (!this.begun) return { kind: "moving" };
    if (over && this.awaitedSinceMs !== undefined) return { kind: "unshown" };
    if (!playing || decoded !== this.decoded) this.awaitedSinceMs = undefined; // an element's count begins anew with its source
    this.decoded = decoded;
    this.awaitedSinceMs = playing ? (this.awaitedSinceMs ?? nowMs) : undefined;
    return this.awaitedSinceMs !== undefined && nowMs - this.awaitedSinceMs >= UNSHOWN_MS ? { kind: "unshown" } : { kind: "moving" };
  }
}
