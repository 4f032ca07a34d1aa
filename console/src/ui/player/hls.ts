import Hls from "hls.js";
import type { Problem } from "../../api-client/client";
import { problemOf, type Player, type PlayerEvents } from "./player";

/** HLS with low-latency parts: for browsers and networks where nothing else goes. */
export class HlsPlayer implements Player {
  private readonly hls = new Hls({ lowLatencyMode: true, backBufferLength: 10, liveSyncDuration: 1.5, maxLiveSyncPlaybackRate: 1.2 });
  private ended = false;

  constructor(
    url: string,
    private readonly video: HTMLVideoElement,
    private readonly events: PlayerEvents,
  ) {
    this.hls.on(Hls.Events.ERROR, (_, problem) => {
      if (problem.fatal) this.end(problem.details, saidBy(problem.networkDetails));
    });
    this.hls.on(Hls.Events.BUFFER_CODECS, (_, tracks) => {
      if (tracks.audio !== undefined || tracks.audiovideo?.codec?.includes(",") === true) events.onSound();
    });
    this.hls.on(Hls.Events.MANIFEST_PARSED, () => {
      void video.play().catch(() => undefined); // a hidden page may not play yet
    });
    this.hls.loadSource(url);
    this.hls.attachMedia(video);
  }

  close(): void {
    this.ended = true;
    this.hls.destroy();
    this.video.removeAttribute("src");
  }

  private end(reason: string, problem?: Problem): void {
    if (this.ended) return;
    this.close();
    this.events.onEnd(reason, problem);
  }
}

/** What the node answered; hls.js hands on the request itself. */
function saidBy(request: unknown): Problem | undefined {
  const told = request instanceof XMLHttpRequest && (request.responseType === "" || request.responseType === "text");
  return told ? problemOf(request.responseText) : undefined;
}
