import type { Problem } from "../../api-client/client";
import { FootageSocket } from "./footage-socket";
import { Peeks } from "./peeks";
import { PictureBuffer } from "./picture-buffer";
import type { HeldPlayer, Stepped } from "./conductor";
import { HeldVideo } from "./held-video";
import { KEYS_FASTER, mediaTime, rateOf, spanOf, wallTimeUs, wayOf, type Answer, type Fragment, type Missing, type Period, type Way } from "./pieces";
import { takeAnswer } from "./take-answer";
import { HOLE_US, Told, type Lack } from "./told";

/** `waiting`: it has footage there, and not yet in its buffer; `damaged`, `away`: it has, and the node cannot read it, or not now; `forward`: it is not played backwards. */
export type PlayerState = "waiting" | "showing" | "missing" | "damaged" | "away" | "undecoded" | "over" | "forward";

const STATES: Record<Missing["kind"], PlayerState> = { gap: "missing", damage: "damaged", away: "away", undecoded: "undecoded" };

const AHEAD_S = 6;
const FIRST_COUNT = 1;
const MORE_COUNT = 6;
const LIVE_EDGE_MS = 1_000;
/** Behind what has come, in media time: so near it is gone on from there; and so near while a long group of pictures is still under way. */
const NEAR_S = 1.5;
const PURSUED_S = 8;

interface Events {
  /** The picture on screen is of then. */
  onShown: (atUs: number) => void;
  onEnd: (problem: Problem | undefined) => void;
}

/** One camera's recorded pictures in one video element, held to an instant and a speed from outside. */
export class FootagePlayer implements HeldPlayer {
  readonly peeks: Peeks;
  private readonly socket: FootageSocket;
  private readonly buffer: PictureBuffer;
  private way: Way = "all";
  private asked = 0;
  private waiting: { seek: boolean; atUs: number } | undefined;
  /** What has come without a hole since the last seek: what was sought, where it begins, and where it goes on. */
  private soughtUs: number | undefined;
  private beginUs: number | undefined;
  private nextUs: number | undefined;
  /** Something was shown since the last seek: what is not in the buffer any more was taken out of it. */
  private shown = false;
  private ended = false;
  private retryAt = 0;
  private readonly told = new Told();
  /** Damage, or what is away, that an instant lay in lately. */
  private met: { lack: Missing; ms: number } | undefined;
  private readonly screen: HeldVideo;
  private closed = false;

  constructor(
    url: string,
    video: HTMLVideoElement,
    private readonly period: Period,
    private readonly events: Events,
  ) {
    this.buffer = new PictureBuffer(video, (why) => this.end(why));
    this.socket = new FootageSocket(url, (answer, bytes) => (answer.way === "peek" ? this.peeks : this).learn(answer, bytes), (why) => this.end(why));
    this.peeks = new Peeks(period, (number, atUs) => {
      if (this.socket.isOpen) this.socket.ask(number, "peek", atUs, "seek", 1);
      return this.socket.isOpen;
    });
    this.screen = new HeldVideo(video, (media) => this.events.onShown(this.timeOf(media)));
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.socket.close();
    this.peeks.close();
    this.screen.close();
    this.buffer.close();
  }

  private end(problem: Problem | undefined): void {
    if (this.closed) return;
    this.close();
    this.events.onEnd(problem);
  }

  /** Of the picture itself: going back, a key frame stands from the end of its group to its beginning, which is its own time. */
  private timeOf(media: number): number {
    const atUs = wallTimeUs(this.way, this.period, media);
    if (this.way !== "back") return atUs;
    return this.told.near(atUs)?.from_us ?? atUs;
  }

  /** Holds the picture to an instant: called many times a second. While others are waited for it stands, and stays on its way. */
  hold(atUs: number, speed: number, goes: boolean, playing = goes): PlayerState {
    this.change(playing ? wayOf(speed) : "all");
    if (this.closed || atUs < this.period.fromUs || atUs >= this.period.toUs) return this.rest("over");
    const media = mediaTime(this.way, this.period, atUs);
    const range = this.buffer.rangeAt(media);
    if (range === undefined) {
      this.change(this.way, this.buffer.isFull); // of other times
      const lack = this.told.lackAt(atUs);
      if (lack !== undefined) return this.rest(this.meet(lack, atUs));
      this.seek(atUs, media);
      return this.rest(this.isOver(media) && this.waiting === undefined ? "over" : "waiting");
    }
    this.shown = true;
    this.fillAhead(range.end - media, playing ? rateOf(speed) : 1);
    this.screen.place(Math.max(media, range.start), speed, goes);
    this.forget(media);
    return "showing";
  }

  /** What is there and cannot be shown here, or not now, is not jumped over. */
  gapAt(atUs: number): Missing | undefined {
    const found = this.told.lackAt(atUs);
    return found?.kind === "gap" || found?.kind === "damage" ? found : undefined;
  }

  /** The damage, or what is away, that was met within so many milliseconds: what is passed over stands on no screen else. */
  metWithin(ms: number): Missing | undefined {
    return this.met !== undefined && performance.now() - this.met.ms < ms ? this.met.lack : undefined;
  }

  /** What was told of the fragment that an instant lies in. */
  readonly fragmentAt = (atUs: number): Fragment | undefined => this.told.at(atUs);

  /** Where the group of pictures begins that an instant lies in, as far as it is known: a file can begin nowhere else. */
  beginOf(atUs: number): number | undefined {
    return this.told.at(atUs)?.groupUs ?? this.told.at(atUs)?.from_us;
  }

  /** The picture after or before. What is not known of it yet is asked for. */
  neighbour(atUs: number, by: 1 | -1, inclusive = false): Stepped {
    if (this.closed || this.way !== "all") return "wait"; // until it is held there
    const { fromUs, toUs } = this.period;
    const found = this.told.neighbour(atUs, by, { ...this.period, inclusive });
    if (found !== undefined && "atUs" in found) return found.atUs;
    const endUs = found?.endUs ?? Math.min(Math.max(atUs, fromUs), toUs);
    const goesOn = this.nextUs === endUs;
    if (found !== undefined && (by > 0 ? endUs >= toUs || (goesOn && this.isOver()) : endUs <= fromUs)) return "none";
    if (this.waiting !== undefined || this.buffer.isBusy) return "wait";
    if (found === undefined && endUs === atUs && this.buffer.rangeAt(this.mediaOf(atUs)) === undefined) return "wait"; // until it is held there
    const { nextUs, soughtUs } = this;
    // A long group of pictures that lies before comes in several answers.
    if (by < 0 && nextUs !== undefined && soughtUs !== undefined && nextUs <= soughtUs && soughtUs < endUs && this.told.read.around(soughtUs + 1)?.fromUs === endUs) this.ask(nextUs, false, MORE_COUNT);
    else if (by < 0 && found !== undefined) this.ask(endUs, false, FIRST_COUNT, "back"); // the pictures before may lie far away
    else this.ask(endUs, !goesOn, FIRST_COUNT);
    return "wait";
  }

  private meet(lack: Lack, atUs: number): PlayerState {
    const now = performance.now();
    if (lack.kind === "damage" || lack.kind === "away") this.met = { lack, ms: now };
    if (now >= lack.againMs) {
      lack.againMs = now + lack.pauseMs;
      // Beside what is played: only what has come by then is on record as shown.
      this.peeks.later(atUs, (peeked) => {
        if (peeked.kind !== "picture" && peeked.kind !== "undecoded") return;
        this.told.forgetLack(lack);
        this.nextUs = undefined;
      });
    }
    return STATES[lack.kind];
  }

  private rest(state: PlayerState): PlayerState {
    this.screen.rest();
    return state;
  }

  private forget(media: number): void {
    const kept = this.buffer.trim(media);
    if (kept === undefined) return;
    const [side, margin] = this.way === "back" ? (["after", KEYS_FASTER] as const) : (["before", -KEYS_FASTER] as const);
    this.told.forget(wallTimeUs(this.way, this.period, kept) + margin * 1e6, side);
  }

  private fillAhead(leftS: number, rate: number): void {
    if (this.waiting === undefined && !this.isOver() && this.nextUs !== undefined && leftS < AHEAD_S * Math.max(1, rate)) this.ask(this.nextUs, false, MORE_COUNT);
  }

  private mediaOf(atUs: number): number {
    return mediaTime(this.way, this.period, atUs);
  }

  /** Nothing comes from where the last answer ended; at the live edge more may have come since. `media`: nor there. */
  private isOver(media = Infinity): boolean {
    if (this.ended && performance.now() >= this.retryAt) this.ended = false;
    return this.ended && (this.nextUs === undefined || media >= this.mediaOf(this.nextUs) - HOLE_US / 1e6);
  }

  private seek(atUs: number, media: number): void {
    if (this.waiting?.seek === true || this.isOver(media) || this.buffer.isBusy) return;
    if (this.nextUs !== undefined && this.soughtUs !== undefined && this.beginUs !== undefined) {
      const [begin, sought, next] = [this.beginUs, this.soughtUs, this.nextUs].map((us) => this.mediaOf(us)) as [number, number, number];
      const behind = media - next + HOLE_US / 1e6;
      if (behind >= 0 && (behind < NEAR_S || (next <= sought && Math.abs(media - sought) < PURSUED_S))) {
        if (this.waiting === undefined) this.ask(this.nextUs, false, MORE_COUNT);
        return;
      }
      if (behind < 0 && media >= begin && !this.shown) return this.told.unshown(atUs, (us) => spanOf(this.way, this.period, this.buffer.rangeAt(this.mediaOf(us)))); // the same ask would bring the same
    }
    this.ask(this.way === "back" ? atUs + 1 : atUs, true, FIRST_COUNT);
  }

  private change(way: Way, anew = false): void {
    if (way === this.way && !anew) return;
    this.way = way;
    this.told.clear();
    this.nextUs = this.waiting = undefined;
    this.ended = false;
    this.asked += 1; // what is under way belongs to what was before
    this.screen.leave();
    this.buffer.clear();
  }

  private ask(atUs: number, seek: boolean, count: number, way = this.way): void {
    if (!this.socket.isOpen) return;
    this.asked += 1;
    this.waiting = { seek, atUs: Math.round(atUs) };
    if (seek) {
      [this.soughtUs, this.beginUs, this.nextUs] = [atUs, undefined, undefined];
      this.shown = this.ended = false;
    }
    this.socket.ask(this.asked, way, atUs, seek ? "seek" : "on", count);
  }

  learn(answer: Answer, bytes: ArrayBuffer): void {
    const asked = answer.number === this.asked ? this.waiting : undefined;
    if (asked === undefined) return;
    this.waiting = undefined;
    if (answer.way !== this.way) return this.learnBefore(answer, asked.atUs);
    this.nextUs = answer.next_us;
    // Without anything new the same is not asked at once again.
    this.ended = answer.ended || (answer.pieces.length === 0 && answer.next_us === asked.atUs);
    if (this.ended) this.retryAt = performance.now() + LIVE_EDGE_MS;
    const begunUs = takeAnswer(answer, bytes, asked.atUs, this.told, this.buffer);
    if (asked.seek) this.beginUs = begunUs ?? asked.atUs;
  }
  /** Which group of pictures lies before an instant: all of it is asked for. */
  private learnBefore(answer: Answer, atUs: number): void {
    const group = answer.pieces.find((one) => one.kind === "fragment");
    this.told.read.add(group?.to_us ?? (answer.ended ? this.period.fromUs : answer.next_us), atUs);
    if (group !== undefined) this.ask(Math.min(group.to_us, atUs) - 1, true, FIRST_COUNT);
  }
}
