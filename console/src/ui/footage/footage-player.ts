import type { Problem } from "../../api-client/client";
import { FootageSocket } from "./footage-socket";
import { Peeks } from "./peeks";
import { PictureBuffer } from "./picture-buffer";
import type { HeldPlayer } from "./conductor";
import { KEYS_FASTER, mediaTime, neighbour, rateOf, towards, wallTimeUs, wayOf, type Answer, type Fragment, type Missing, type Period, type Way } from "./pieces";

/** `waiting`: it has footage there, and not yet in its buffer; `forward`: it is not played backwards. */
export type PlayerState = "waiting" | "showing" | "missing" | "undecoded" | "away" | "over" | "forward";

const AHEAD_S = 6;
const FIRST_COUNT = 1;
const MORE_COUNT = 6;
const LIVE_EDGE_MS = 1_000;
/** Times are rounded to 1/90 000 s and made eight times as long again. */
const ROUNDED_US = 1_000;
/** A seek that ends later than this is begun anew: what it waits for may have been taken out of the buffer. */
const SEEK_MS = 2_000;

/** A second tier that did not answer is asked again. */
const AWAY_MS = 15_000;

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
  private waiting: { seek: boolean } | undefined;
  private nextUs: number | undefined;
  private ended = false;
  private retryAt = 0;
  private fragments: Fragment[] = [];
  private missing: Missing[] = [];
  private awayAt = 0;
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
    return this.fragments.find((one) => one.from_us < atUs + ROUNDED_US && atUs - ROUNDED_US <= one.to_us)?.from_us ?? atUs;
  }

  /** Holds the picture to an instant: called many times a second. */
  hold(atUs: number, speed: number, playing: boolean): PlayerState {
    const way = playing ? wayOf(speed) : "all";
    if (way !== this.way) this.change(way);
    if (this.closed || atUs < this.period.fromUs || atUs >= this.period.toUs) return this.rest("over");
    const media = mediaTime(way, this.period, atUs);
    const range = this.buffer.rangeAt(media);
    if (range === undefined) {
      const missing = this.missingAt(atUs);
      if (missing !== undefined) return this.rest(missing.kind === "undecoded" || missing.kind === "away" ? missing.kind : "missing");
      this.seek(atUs, media);
      return this.ended && this.waiting === undefined ? this.rest("over") : this.rest("waiting");
    }
    this.fillAhead(range.end - media, playing ? rateOf(speed) : 1);
    this.place(Math.max(media, range.start), speed, playing);
    this.forget(media);
    return "showing";
  }

  /** As `missingAt`, but for footage that is there and cannot be shown here: nothing that exists is jumped over. */
  gapAt(atUs: number): Missing | undefined {
    const found = this.missingAt(atUs);
    return found?.kind === "undecoded" || found?.kind === "away" ? undefined : found;
  }

  /** The gap, damage or unknown codec that an instant lies in, as far as it is known. */
  missingAt(atUs: number): Missing | undefined {
    if (performance.now() - this.awayAt > AWAY_MS) this.missing = this.missing.filter((one) => one.kind !== "away");
    return this.missing.find((one) => one.from_us <= atUs && atUs < one.to_us);
  }

  /** What was told of the group of pictures that an instant lies in. */
  fragmentAt(atUs: number): Fragment | undefined {
    return this.fragments.find((one) => one.from_us <= atUs && atUs < one.to_us);
  }

  /** Where the group of pictures begins that an instant lies in, as far as it is known: a file can begin nowhere else. */
  beginOf(atUs: number): number | undefined {
    return this.fragmentAt(atUs)?.from_us;
  }

  /** The picture after or before; undefined where it is not known yet. */
  neighbour(atUs: number, by: 1 | -1): number | undefined {
    return neighbour(
      this.fragments.flatMap((one) => one.times_us.map((time) => one.from_us + time)),
      atUs,
      by,
    );
  }

  private rest(state: PlayerState): PlayerState {
    if (!this.video.paused) this.video.pause();
    return state;
  }

  private place(media: number, speed: number, playing: boolean): void {
    const error = this.video.currentTime - media;
    if (!playing) {
      if (!this.video.paused) this.video.pause();
      if (Math.abs(error) > 0.0005) this.jump(media);
      return;
    }
    const move = towards(error, rateOf(speed));
    if (move.jump) {
      this.jump(media);
    } else if (this.video.playbackRate !== move.rate) this.video.playbackRate = move.rate;
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
    if (kept === undefined || this.way !== "all") return;
    const keptUs = wallTimeUs(this.way, this.period, kept) - KEYS_FASTER * 1e6;
    this.fragments = this.fragments.filter((one) => one.to_us > keptUs);
  }

  private fillAhead(leftS: number, rate: number): void {
    if (this.waiting === undefined && !this.isOver() && this.nextUs !== undefined && leftS < AHEAD_S * Math.max(1, rate)) this.ask(this.nextUs, false, MORE_COUNT);
  }

  /** At the live edge more may have come since. */
  private isOver(): boolean {
    if (this.ended && performance.now() >= this.retryAt) this.ended = false;
    return this.ended;
  }

  private seek(atUs: number, media: number): void {
    if (this.waiting?.seek === true || this.isOver() || this.buffer.isBusy) return;
    const next = this.nextUs === undefined ? undefined : mediaTime(this.way, this.period, this.nextUs);
    if (next !== undefined && Math.abs(media - next) < 1.5) {
      if (this.waiting === undefined) this.ask(this.nextUs ?? atUs, false, MORE_COUNT);
      return;
    }
    this.ask(this.way === "back" ? atUs + 1 : atUs, true, FIRST_COUNT);
  }

  private change(way: Way): void {
    this.way = way;
    this.fragments = [];
    this.nextUs = undefined;
    this.ended = false;
    this.waiting = undefined;
    this.asked += 1; // what is under way belongs to the way before
    this.soughtAt = 0; // and so does a seek, whose pictures are cleared now
    this.buffer.clear();
  }

  private ask(atUs: number, seek: boolean, count: number): void {
    if (!this.socket.isOpen) return;
    this.asked += 1;
    this.waiting = { seek };
    this.socket.ask(this.asked, this.way, atUs, seek ? "seek" : "on", count);
  }

  learn(answer: Answer, bytes: ArrayBuffer): void {
    if (answer.number !== this.asked) return;
    this.waiting = undefined;
    this.nextUs = answer.next_us;
    this.ended = answer.ended;
    if (answer.ended) this.retryAt = performance.now() + LIVE_EDGE_MS;
    let at = 0;
    let shows = true;
    for (const piece of answer.pieces) {
      if (!("bytes" in piece)) {
        this.lacks(piece);
        continue;
      }
      const part = new Uint8Array(bytes, at, piece.bytes);
      at += piece.bytes;
      if (piece.kind === "init") shows = this.buffer.describe(piece.id, piece.mime, part);
      else if (!shows) this.lacks({ kind: "undecoded", from_us: piece.from_us, to_us: piece.to_us });
      else {
        this.fragments = [...this.fragments, piece].sort((one, other) => one.from_us - other.from_us);
        this.buffer.push(part);
      }
    }
  }

  private lacks(piece: Missing): void {
    if (piece.kind === "away") this.awayAt = performance.now();
    const before = this.missing.filter((one) => one.from_us !== piece.from_us || one.kind !== piece.kind);
    const last = before.at(-1);
    // Fragments that follow each other are one stretch: of a day of them nothing grows.
    if (piece.kind === "undecoded" && last?.kind === "undecoded" && last.to_us === piece.from_us) before.splice(-1, 1, { ...last, to_us: piece.to_us });
    else before.push(piece);
    this.missing = before;
  }
}
