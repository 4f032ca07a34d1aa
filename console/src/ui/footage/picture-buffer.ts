import type { Problem } from "../../api-client/client";
import { mediaSource } from "../player/player";

const BEHIND_S = 8;
/** Holes below this are passed without a word: stamps tremble with the network. */
const HOLE_S = 0.12;
/** Kept of what was seen while it is full. */
const FULL_S = 1;

/** What the fragments behind it need to be decoded. `id` tells heads apart. */
interface Head {
  id: string;
  mime: string;
  part: Uint8Array<ArrayBuffer>;
}

/** What a video element has to show: it is filled in order, emptied when the way changes, and forgets what was seen. */
export class PictureBuffer {
  private readonly source: MediaSource;
  private buffer: SourceBuffer | undefined;
  private queue: (Uint8Array<ArrayBuffer> | "clear" | Head)[] = [];
  /** Of the last head that the browser's buffer took. */
  private type = "";
  private taken = "";
  /** The last head that was told: taken, or in the queue. */
  private described = "";
  private closed = false;
  /** It takes no more before it has forgotten something: what waits is tried again then. */
  private full = false;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly onFail: (why: Problem) => void,
  ) {
    const Source = mediaSource() ?? MediaSource;
    this.source = new Source();
    video.disableRemotePlayback = true;
    video.src = URL.createObjectURL(this.source);
    this.source.addEventListener("sourceopen", () => this.feed());
  }

  close(): void {
    this.closed = true;
    this.queue = [];
    URL.revokeObjectURL(this.video.src);
    this.video.removeAttribute("src");
    this.video.load();
  }

  /** Bytes wait to be taken, or are being taken. */
  get isBusy(): boolean {
    return this.queue.length > 0 || this.buffer?.updating === true;
  }

  /** The browser's buffer takes no more of what waits. */
  get isFull(): boolean {
    return this.full;
  }

  clear(): void {
    this.full = false;
    this.queue = this.buffer === undefined ? [] : ["clear"];
    this.described = this.taken; // a head that waited is dropped with the rest
    this.feed();
  }

  push(part: Uint8Array<ArrayBuffer>): void {
    this.queue.push(part);
    this.feed();
  }

  /** The head of what comes next; the same again is nothing new. False: the browser decodes no such pictures. */
  describe(id: string, mime: string, part: Uint8Array<ArrayBuffer>): boolean {
    if (id === this.described || this.closed) return true;
    if (!(mediaSource() ?? MediaSource).isTypeSupported(mime)) return false;
    this.described = id;
    this.queue.push({ id, mime, part });
    this.feed();
    return true;
  }

  /** The stretch of media time without a hole that an instant lies in. */
  rangeAt(media: number): { start: number; end: number } | undefined {
    const found = this.closed || this.source.readyState === "closed" || this.queue.includes("clear") ? undefined : this.buffer?.buffered;
    for (let at = 0; at < (found?.length ?? 0); at++) {
      const [start, end] = [found?.start(at) ?? 0, found?.end(at) ?? 0];
      if (start - HOLE_S <= media && media < end) return { start, end };
    }
    return undefined;
  }

  /** Forgets what lies far behind; up to where, if it did. */
  trim(media: number, keepS = BEHIND_S): number | undefined {
    const buffer = this.buffer;
    if (buffer === undefined || buffer.updating || (this.isBusy && !this.full) || this.source.readyState === "closed" || buffer.buffered.length === 0) return undefined;
    const start = buffer.buffered.start(0);
    const kept = media - (this.full ? Math.min(keepS, FULL_S) : keepS);
    if (kept - start < (this.full ? FULL_S : keepS)) return undefined;
    buffer.remove(start, kept);
    this.full = false;
    return kept;
  }

  private feed(): void {
    if (this.closed || this.full || this.buffer?.updating === true || this.source.readyState !== "open") return;
    const next = this.queue.shift();
    if (next === undefined) return;
    try {
      if (next === "clear") this.buffer?.remove(0, Infinity);
      else if (next instanceof Uint8Array) this.buffer?.appendBuffer(next);
      else this.begin(next);
    } catch (error) {
      const isFull = this.buffer !== undefined && error instanceof DOMException && error.name === "QuotaExceededError";
      if (!isFull) return this.onFail(undecoded(typeof next === "object" && "mime" in next ? next.mime : ""));
      this.queue.unshift(next);
      this.full = true; // who plays asks it again and again to forget what was seen
    }
  }

  /** In its place in the order: what lies in the buffer stays. */
  private begin({ id, mime, part }: Head): void {
    const buffer = (this.buffer ??= this.made(mime));
    if (mime !== this.type) buffer.changeType(mime);
    this.type = mime;
    buffer.appendBuffer(part);
    this.taken = id;
  }

  private made(mime: string): SourceBuffer {
    const buffer = this.source.addSourceBuffer(mime);
    this.type = mime;
    buffer.addEventListener("updateend", () => this.feed());
    buffer.addEventListener("error", () => this.onFail(undecoded(this.type)));
    return buffer;
  }
}

const undecoded = (mime: string): Problem => ({
  status: 0,
  code: "playback.undecoded",
  zh: `浏览器不能解码这段录像${mime === "" ? "" : `(${mime})`}`,
  en: `This browser does not decode the footage${mime === "" ? "" : ` (${mime})`}`,
  remedy_zh: "请改用支持该编码的浏览器(如带硬件解码的 Chrome 或 Edge)",
  remedy_en: "Use a browser that decodes it, such as Chrome or Edge with hardware decoding",
});
