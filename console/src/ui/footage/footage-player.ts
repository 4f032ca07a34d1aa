import type { Problem } from "../../api-client/client";
import { FootageSocket } from "./footage-socket";
import { Peeks } from "./peeks";
import { PictureBuffer } from "./picture-buffer";
import type { HeldPlayer } from "./conductor";
import { KEYS_FASTER, mediaTime, neighbour, rateOf, spanOf, towards, wallTimeUs, wayOf, type Answer, type Fragment, type Missing, type Period, type Way } from "./pieces";
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
/** A seek that ends later than this is begun anew: what it waits for may have been taken out of the buffer. */
const SEEK_MS = 2_000;

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
  private callback = 0;
  private soughtAt = 0;
  private closed = false;

  constructor(
    url: string,
    private readonly video: HTMLVideoElement,
    private readonly period: Period,
    private readonly events: Events,
  ) {
    this.buffer = new PictureBuffer(video, (why) => this.end(why));
    this.socket = new FootageSocket(url, (answer, bytes) => (answer.way === "peek" ? this.peeks : this).learn(answer, bytes), (why) => this.end(why));
    this.peeks = new Peeks(period, (number, atUs) => {
      if (this.socket.isOpen) this.socket.ask(number, "peek", atUs, "seek", 1);
      return this.socket.isOpen;
    });
    this.follow();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.socket.close();
    this.peeks.close();
    this.video.cancelVideoFrameCallback(this.callback);
    this.buffer.close();
  }

  private end(problem: Problem | undefined): void {
    if (this.closed) return;
    this.close();
    this.events.onEnd(problem);
  }

  private follow(): void {
    this.callback = this.video.requestVideoFrameCallback((_, { mediaTime: shown }) => {
      this.events.onShown(this.timeOf(shown));
      this.follow();
    });
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
    this.place(Math.max(media, range.start), speed, goes);
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

  /** The picture after or before; undefined where it is not known yet. */
  neighbour(atUs: number, by: 1 | -1): number | undefined {
    return neighbour(this.told.times(), atUs, by);
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
    if (!this.video.paused) this.video.pause();
    return state;
  }

  private place(media: number, speed: number, goes: boolean): void {
    const error = this.video.currentTime - media;
    if (!goes) {
      if (!this.video.paused) this.video.pause();
      if (Math.abs(error) > 0.0005) this.jump(media);
      return;
    }
    const move = towards(error, rateOf(speed));
    if (move.jump) this.jump(media);
    else if (this.video.playbackRate !== move.rate) this.video.playbackRate = move.rate;
    if (this.video.paused) void this.video.play().catch(() => undefined); // a hidden page may not play
  }

  private jump(media: number): void {
    const now = performance.now();
    if (this.video.seeking && now - this.soughtAt < SEEK_MS) return;
    this.soughtAt = now;
    this.video.currentTime = media;
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
    this.soughtAt = 0; // and so does a seek, whose pictures are cleared now
    this.buffer.clear();
  }

  private ask(atUs: number, seek: boolean, count: number): void {
    if (!this.socket.isOpen) return;
    this.asked += 1;
    this.waiting = { seek, atUs: Math.round(atUs) };
    if (seek) {
      [this.soughtUs, this.beginUs, this.nextUs] = [atUs, undefined, undefined];
      this.shown = this.ended = false;
    }
    this.socket.ask(this.asked, this.way, atUs, seek ? "seek" : "on", count);
  }

  learn(answer: Answer, bytes: ArrayBuffer): void {
    const asked = answer.number === this.asked ? this.waiting : undefined;
    if (asked === undefined) return;
    this.waiting = undefined;
    this.nextUs = answer.next_us;
    // Without anything new the same is not asked at once again.
    this.ended = answer.ended || (answer.pieces.length === 0 && answer.next_us === asked.atUs);
    if (this.ended) this.retryAt = performance.now() + LIVE_EDGE_MS;
    const begunUs = takeAnswer(answer, bytes, asked.atUs, this.told, this.buffer);
    if (asked.seek) this.beginUs = begunUs ?? asked.atUs;
  }
}
