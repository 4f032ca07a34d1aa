import { towards, rateOf } from "./pieces";

/** A seek that ends later than this is begun anew: what it waits for may have been taken out of the buffer. */
const SEEK_MS = 2_000;

/** A video element that is led to a media time, at rest or at a speed. */
export class HeldVideo {
  private callback = 0;
  private soughtAt = 0;

  constructor(
    private readonly video: HTMLVideoElement,
    /** The picture of this media time is on screen. */
    private readonly onShown: (media: number) => void,
  ) {
    this.follow();
  }

  close(): void {
    this.video.cancelVideoFrameCallback(this.callback);
  }

  rest(): void {
    if (!this.video.paused) this.video.pause();
  }

  place(media: number, speed: number, goes: boolean): void {
    const error = this.video.currentTime - media;
    if (!goes) {
      this.rest();
      if (Math.abs(error) > 0.0005) this.jump(media);
      return;
    }
    const move = towards(error, rateOf(speed));
    if (move.jump) this.jump(media);
    else if (this.video.playbackRate !== move.rate) this.video.playbackRate = move.rate;
    if (this.video.paused) void this.video.play().catch(() => undefined); // a hidden page may not play
  }

  /** What was sought is cleared now: nothing is waited for. */
  leave(): void {
    this.soughtAt = 0;
  }

  private follow(): void {
    this.callback = this.video.requestVideoFrameCallback((_, { mediaTime }) => {
      this.onShown(mediaTime);
      this.follow();
    });
  }

  private jump(media: number): void {
    const now = performance.now();
    if (this.video.seeking && now - this.soughtAt < SEEK_MS) return;
    this.soughtAt = now;
    this.video.currentTime = media;
  }
}
