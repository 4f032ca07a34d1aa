import { PictureBuffer } from "./picture-buffer";
import { mediaTime, type Answer, type Fragment, type Init, type Period } from "./pieces";

/** A small picture and when it is of, in µs; without one, why: there is no footage, the node cannot read it, or not now, or it cannot be decoded here;
 *  `closed`: it lies outside of what is open, and nothing is known of it. */
export type Peeked = { kind: "picture"; atUs: number; picture: ImageBitmap } | { kind: "missing" | "damaged" | "away" | "undecoded" | "closed" };

export const PEEK_WIDTH = 240;
/** Of small pictures, 130 kB each. */
const MOST_KEPT = 60;
const LOOK_MS = 15;
const DECODES_MS = 2_000;

interface Wish {
  atUs: number;
  take: (peeked: Peeked) => void;
}

interface Kept {
  fromUs: number;
  toUs: number;
  picture: ImageBitmap;
}

/** What was seen of a camera lately, by the groups of pictures that begin with it. Bounded; the oldest goes first. Exported for its test. */
export class KeptPictures {
  private kept: Kept[] = [];

  at(atUs: number): Kept | undefined {
    return this.kept.find((one) => one.fromUs <= atUs && atUs < one.toUs);
  }

  keep(next: Kept): void {
    this.kept.push(next);
    for (const old of this.kept.splice(0, Math.max(0, this.kept.length - MOST_KEPT))) old.picture.close();
  }

  clear(): void {
    for (const one of this.kept.splice(0)) one.picture.close();
  }
}

/** Key frames looked at beside what is played: one is asked for and decoded at a time, and of those that were wished meanwhile the newest. */
export class Peeks {
  private readonly kept = new KeptPictures();
  private wish: Wish | undefined;
  private waiting: Wish[] = [];
  private asked: ((answer: Answer, bytes: ArrayBuffer) => void) | undefined;
  private number = 0;
  private busy = false;
  private closed = false;
  private video: HTMLVideoElement | undefined;
  private buffer: PictureBuffer | undefined;

  constructor(
    private readonly period: Period,
    /** False: nothing can be asked for now. */
    private readonly ask: (number: number, atUs: number) => boolean,
  ) {}

  /** Whether all of a time lies in what is open. */
  holds({ fromUs, toUs }: Period): boolean {
    return this.period.fromUs <= fromUs && toUs <= this.period.toUs;
  }

  /** `take` is called with the picture that this instant hangs on, unless something else is wished before. */
  want(atUs: number, take: (peeked: Peeked) => void): void {
    this.wish = { atUs, take };
    if (!this.busy) void this.work();
  }

  /** The same when its turn comes, after whatever is under the pointer; what is returned takes it back. */
  later(atUs: number, take: (peeked: Peeked) => void): () => void {
    const wish = { atUs, take };
    this.waiting.push(wish);
    if (!this.busy) void this.work();
    return () => void (this.waiting = this.waiting.filter((one) => one !== wish));
  }

  /** Nothing is under the pointer any more. */
  leave(): void {
    this.wish = undefined;
  }

  /** An answer to a peek. */
  learn(answer: Answer, bytes: ArrayBuffer): void {
    if (answer.number === this.number) this.asked?.(answer, bytes);
  }

  close(): void {
    this.closed = true;
    this.wish = undefined;
    this.waiting = [];
    this.buffer?.close();
    this.kept.clear();
  }

  private async work(): Promise<void> {
    this.busy = true;
    try {
      for (let wish = this.wish ?? this.waiting[0]; wish !== undefined && !this.closed; wish = this.wish ?? this.waiting[0]) {
        const pointed = wish === this.wish;
        if (pointed) this.wish = undefined;
        const peeked = await this.peekAt(wish.atUs);
        // What comes after the pointer has moved on, or was taken back, is only kept.
        const wanted = pointed ? this.wish === undefined : this.waiting.includes(wish);
        if (!pointed) this.waiting = this.waiting.filter((one) => one !== wish);
        if (peeked !== undefined && wanted && !this.isClosed()) wish.take(peeked);
      }
    } finally {
      this.busy = false;
    }
  }

  /** It may have been closed while something was awaited. */
  private isClosed(): boolean {
    return this.closed;
  }

  private async peekAt(atUs: number): Promise<Peeked | undefined> {
    if (atUs < this.period.fromUs || atUs >= this.period.toUs) return { kind: "closed" };
    const known = this.kept.at(atUs);
    if (known !== undefined) return { kind: "picture", atUs: known.fromUs, picture: known.picture };
    const told = await this.answerTo(atUs);
    if (told === undefined) return undefined;
    const init = told.answer.pieces.find((one): one is Init => one.kind === "init");
    const fragment = told.answer.pieces.find((one): one is Fragment => one.kind === "fragment");
    if (init === undefined || fragment === undefined) {
      const why = told.answer.pieces.find((one) => one.kind === "damage" || one.kind === "away");
      return { kind: why === undefined ? "missing" : why.kind === "away" ? "away" : "damaged" };
    }
    const picture = await this.decoded(init, fragment, new Uint8Array(told.bytes));
    if (picture === undefined) return { kind: "undecoded" };
    if (this.isClosed()) {
      picture.close();
      return undefined;
    }
    this.kept.keep({ fromUs: fragment.from_us, toUs: fragment.to_us, picture });
    return { kind: "picture", atUs: fragment.from_us, picture };
  }

  private answerTo(atUs: number): Promise<{ answer: Answer; bytes: ArrayBuffer } | undefined> {
    this.number += 1;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), DECODES_MS);
      this.asked = (answer, bytes) => {
        clearTimeout(timer);
        resolve({ answer, bytes });
      };
      if (!this.ask(this.number, atUs)) {
        clearTimeout(timer);
        resolve(undefined);
      }
    });
  }

  /** The one picture of these bytes, small; undefined when this browser does not decode it. */
  private async decoded(init: Init, fragment: Fragment, bytes: Uint8Array<ArrayBuffer>): Promise<ImageBitmap | undefined> {
    this.video ??= Object.assign(document.createElement("video"), { muted: true, playsInline: true });
    const video = this.video;
    const buffer = (this.buffer ??= new PictureBuffer(video, () => undefined));
    buffer.clear(); // nothing else can be what is decoded
    if (!buffer.describe(init.id, init.mime, bytes.subarray(0, init.bytes))) return undefined;
    buffer.push(bytes.subarray(init.bytes));
    const media = mediaTime("keys", this.period, (fragment.from_us + fragment.to_us) / 2);
    const by = performance.now() + DECODES_MS;
    while (buffer.rangeAt(media) === undefined) {
      if (this.closed || performance.now() > by) return undefined;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    const sought = new Promise<boolean>((resolve) => {
      video.onseeked = () => resolve(true);
      setTimeout(() => resolve(false), DECODES_MS);
    });
    video.currentTime = media;
    if (!(await sought)) return undefined;
    const width = Math.min(PEEK_WIDTH, video.videoWidth);
    return createImageBitmap(video, { resizeWidth: width, resizeHeight: Math.round((width * video.videoHeight) / video.videoWidth), resizeQuality: "medium" });
  }
}
