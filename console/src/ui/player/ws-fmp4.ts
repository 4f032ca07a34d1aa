import { LIVE, SETTLING, atItsPace, towardsLiveEdge } from "./live-edge";
import { mediaSource, problemOf, type Player, type PlayerEvents } from "./player";

const KEEP_BEHIND_S = 6;
const MAX_QUEUED = 300;
const LOOK_EVERY_MS = 200;
/** So long after its first picture a player takes its place at the newest ones by jumping: nobody has begun to watch. */
const SETTLE_MS = 1_000;
const MEASURE_MS = 500;

/** WebSocket-fMP4 into MediaSource. The first text says the codec, then the init segment, then a fragment a picture. */
export class WsFmp4Player implements Player {
  private readonly socket: WebSocket;
  private readonly source: MediaSource;
  private buffer: SourceBuffer | undefined;
  private queue: ArrayBuffer[] = [];
  private readonly timer: ReturnType<typeof setInterval>;
  private ended = false;
  /** Of the pictures, as the node tells it. */
  private codec = "";
  /** The playhead a look ago. */
  private lookedAt: number | undefined;
  private begunAt: number | undefined;
  private held = false;
  /** Seconds of pictures that come in a second, evened out; of what comes at its own pace. */
  private arriving = 1;
  private measured: { end: number; ms: number } | undefined;

  constructor(
    url: string,
    private readonly video: HTMLVideoElement,
    private readonly events: PlayerEvents,
    /** It is a device's recording, at whatever speed it comes. */
    private readonly ownPace = false,
  ) {
    const Source = mediaSource() ?? MediaSource;
    this.source = new Source();
    video.disableRemotePlayback = true;
    video.src = URL.createObjectURL(this.source);
    this.socket = new WebSocket(url);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = (message) => this.take(message.data as string | ArrayBuffer);
    this.socket.onclose = () => this.end("closed");
    this.timer = setInterval(() => {
      this.look(this.lookedAt);
      this.lookedAt = this.video.seeking ? undefined : this.video.currentTime;
    }, LOOK_EVERY_MS);
  }

  delayS(): Promise<number | undefined> {
    const buffered = this.buffered();
    return Promise.resolve(buffered === undefined ? undefined : Math.max(0, buffered.end(buffered.length - 1) - this.video.currentTime));
  }

  /** Stands still, and goes on. */
  hold(held: boolean): void {
    this.held = held;
    this.measured = undefined;
    if (held) this.video.pause();
  }

  close(): void {
    this.ended = true;
    clearInterval(this.timer);
    this.socket.onclose = null;
    this.socket.close();
    this.queue = [];
    URL.revokeObjectURL(this.video.src);
    this.video.removeAttribute("src");
    this.video.load();
  }

  private end(...why: Parameters<PlayerEvents["onEnd"]>): void {
    if (this.ended) return;
    this.close();
    this.events.onEnd(...why);
  }

  /** `sure`: the browser does not take it; else its decoder failed. */
  private undecoded(sure: boolean): void {
    this.end(sure ? "codec not supported" : "decode error", { undecoded: { codec: this.codec, sure } });
  }

  private take(data: string | ArrayBuffer): void {
    if (typeof data === "string") {
      const refused = problemOf(data);
      if (refused !== undefined) return this.end(refused.code, { problem: refused });
      if (this.buffer !== undefined) return this.end("codec changed");
      const { mime, codec, sound } = JSON.parse(data) as { mime: string; codec: string; sound: string };
      this.codec = codec;
      if (sound !== "") this.events.onSound();
      if (this.source.readyState === "open") this.openBuffer(mime);
      else this.source.addEventListener("sourceopen", () => this.openBuffer(mime), { once: true });
      return;
    }
    this.queue.push(data);
    if (this.queue.length > MAX_QUEUED) return this.end("decoder too slow");
    this.feed();
  }

  private openBuffer(mime: string): void {
    if (this.ended) return;
    try {
      this.buffer = this.source.addSourceBuffer(mime);
    } catch {
      return this.undecoded(true);
    }
    this.buffer.addEventListener("updateend", () => this.appended());
    this.buffer.addEventListener("error", () => this.undecoded(false));
    this.feed();
  }

  private feed(): void {
    const buffer = this.buffer;
    if (this.ended || buffer === undefined || buffer.updating || this.queue.length === 0 || this.source.readyState !== "open") return;
    try {
      buffer.appendBuffer(joined(this.queue));
      this.queue = [];
    } catch (error) {
      if (error instanceof DOMException && error.name === "QuotaExceededError") this.trim(1);
      else this.undecoded(false);
    }
  }

  /** The first picture is shown as soon as it stands in the buffer, not when the next one comes or the clock ticks. */
  private appended(): void {
    if (this.video.currentTime === 0 || (this.isSettling() && !this.video.seeking)) this.look();
    this.feed();
  }

  private isSettling(): boolean {
    return this.begunAt === undefined || performance.now() - this.begunAt < SETTLE_MS;
  }

  /** What there is to show; undefined for nothing. A buffer whose source has left its video is removed: the very question throws, and its last news may still be on the way. */
  private buffered(): TimeRanges | undefined {
    if (this.ended || this.source.readyState === "closed") return undefined;
    const found = this.buffer?.buffered;
    return found === undefined || found.length === 0 ? undefined : found;
  }

  private measure(end: number): void {
    const ms = performance.now();
    const before = this.measured;
    if (before !== undefined && ms - before.ms < MEASURE_MS) return;
    this.measured = { end, ms };
    const came = before === undefined ? -1 : ((end - before.end) * 1_000) / (ms - before.ms);
    if (came > 0 && came < 32) this.arriving += (came - this.arriving) / 2;
  }

  private trim(keepBehind: number): void {
    const buffered = this.buffered();
    if (buffered === undefined || this.buffer?.updating !== false) return;
    const until = this.video.currentTime - keepBehind;
    if (until > buffered.start(0)) this.buffer.remove(buffered.start(0), until);
  }

  /** Keeps near the newest picture and throws away what was seen. */
  private look(before?: number): void {
    const buffered = this.buffered();
    if (buffered === undefined) return;
    if (this.video.error !== null) return this.undecoded(false);
    this.begunAt ??= performance.now();
    const last = buffered.length - 1;
    if (this.held) return;
    const [start, end, at] = [buffered.start(last), buffered.end(last), this.video.currentTime];
    if (this.ownPace) this.measure(end);
    const move = this.ownPace ? atItsPace(start, end, at, before, this.arriving) : towardsLiveEdge(start, end, at, before, this.isSettling() ? SETTLING : LIVE);
    if (move.kind === "jump") this.video.currentTime = move.to;
    else if (this.video.playbackRate !== move.rate) this.video.playbackRate = move.rate;
    if (this.video.paused) void this.video.play().catch(() => undefined); // a hidden page may not play yet
    if (this.video.currentTime - buffered.start(0) > KEEP_BEHIND_S * 2) this.trim(KEEP_BEHIND_S);
  }
}

/** What waits, in one piece: the pictures since the last key frame come at once, and the first look at them is to see the newest. */
function joined(parts: readonly ArrayBuffer[]): ArrayBuffer {
  const [only, ...more] = parts;
  if (only !== undefined && more.length === 0) return only;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(new Uint8Array(part), at);
    at += part.byteLength;
  }
  return whole.buffer;
}
