import type { Problem } from "../../api-client/client";

/** Whether a picture that played stands still: an operator must not take a frozen picture for a quiet street. Pure. */
const STILL_MS = 3000;
const GIVE_UP_MS = 10_000;
const UNSHOWN_MS = 15_000;

/** The node sends, and this browser shows nothing of it. */
export const UNSHOWN: Problem = {
  status: 0,
  code: "player.unshown",
  zh: "节点已有码流,但浏览器未显示画面",
  en: "The node has the stream, but this browser shows no picture",
  remedy_zh: "正在重试;若仍无画面,请换一种播放方式",
  remedy_en: "It is tried again; if there is still no picture, choose another way of playing",
};

/** Nothing of it comes, nor does the node say that it is waiting for the device: a connection that is open at this end alone. */
export const UNREACHED: Problem = {
  status: 0,
  code: "player.unreached",
  zh: "没有收到码流",
  en: "Nothing of the stream arrives",
  remedy_zh: "正在重试;若一直如此,请检查到节点媒体端口的网络与代理,或换一种播放方式",
  remedy_en: "It is tried again; if it stays so, check network and proxy to the node's media port, or choose another way of playing",
};

/** What the node says of the stream. `asked`: it is at work on it, or waits for the device; `over`: it plays for nobody; `unknown`: nothing. */
export type Told = "playing" | "asked" | "over" | "unknown";

export type Verdict = { kind: "moving" } | { kind: "still"; sinceMs: number } | { kind: "given up" } | { kind: "unshown"; problem: Problem };

export class Stillness {
  private movedAtMs: number | undefined;
  private awaitedSinceMs: number | undefined;
  private played = false;
  private begun = false;
  private decoded = 0;

  /** A player was made: its first picture is awaited, except while the node says that it is the device's turn. */
  began(): void {
    this.begun = true;
    this.played = false;
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

  /** `decoded`: pictures decoded so far; they count where a page that is not drawn has no frames to present. */
  look(nowMs: number, decoded: number, told: Told): Verdict {
    if (this.movedAtMs === undefined) return this.awaited(nowMs, decoded, told);
    if (decoded > this.decoded) this.movedAtMs = nowMs;
    this.decoded = decoded;
    const stillMs = nowMs - this.movedAtMs;
    if (stillMs < STILL_MS) return { kind: "moving" };
    return stillMs < GIVE_UP_MS ? { kind: "still", sinceMs: this.movedAtMs } : { kind: "given up" };
  }

  private awaited(nowMs: number, decoded: number, told: Told): Verdict {
    if (!this.begun) return { kind: "moving" };
    if (told === "over" && this.played) return { kind: "unshown", problem: UNSHOWN }; // the node ends what it sees nobody read
    this.played = told === "playing" || (this.played && told === "unknown");
    if (told === "asked" || decoded !== this.decoded) this.awaitedSinceMs = undefined; // an element's count begins anew with its source
    this.decoded = decoded;
    if (told === "asked") return { kind: "moving" };
    this.awaitedSinceMs ??= nowMs;
    if (nowMs - this.awaitedSinceMs < UNSHOWN_MS) return { kind: "moving" };
    return { kind: "unshown", problem: told === "playing" ? UNSHOWN : UNREACHED };
  }
}
