import Hls from "hls.js";
import type { LiveSession, Problem } from "../../api-client/client";
import { problemOf, type Player, type PlayerEvents } from "./player";

/** The browser has no decoder for it. */
const NOT_TAKEN = new Set<string>([Hls.ErrorDetails.BUFFER_ADD_CODEC_ERROR, Hls.ErrorDetails.BUFFER_INCOMPATIBLE_CODECS_ERROR]);

/** HLS with low-latency parts: for browsers and networks where nothing else goes. */
export class HlsPlayer implements Player {
  private readonly hls = new Hls({
    lowLatencyMode: true,
    backBufferLength: 10,
    liveSyncDuration: 1.5,
    maxLiveSyncPlaybackRate: 1.2,
    xhrSetup: (request, address) => request.open("GET", withTicket(address, this.ticket), true),
  });
  private ended = false;
  /** Of the pictures, as their parameter sets tell it. */
  private codec = "";
  private ticket: string;

  constructor(
    url: string,
    private readonly video: HTMLVideoElement,
    private readonly events: PlayerEvents,
  ) {
    this.ticket = ticketOf(url);
    this.hls.on(Hls.Events.ERROR, (_, problem) => {
      if (!problem.fatal) return;
      const sure = NOT_TAKEN.has(problem.details);
      if (sure || video.error !== null) return this.end(problem.details, { undecoded: { codec: this.codec, sure } });
      this.end(problem.details, { problem: saidBy(problem.networkDetails) });
    });
    this.hls.on(Hls.Events.BUFFER_CODECS, (_, tracks) => {
      this.codec = (tracks.video ?? tracks.audiovideo)?.codec?.split(",")[0] ?? "";
      if (tracks.audio !== undefined || tracks.audiovideo?.codec?.includes(",") === true) events.onSound();
    });
    this.hls.on(Hls.Events.MANIFEST_PARSED, () => {
      void video.play().catch(() => undefined); // a hidden page may not play yet
    });
    this.hls.loadSource(url);
    this.hls.attachMedia(video);
  }

  delayS(): Promise<number | undefined> {
    const behind = this.hls.latency;
    return Promise.resolve(Number.isFinite(behind) && behind > 0 ? behind : undefined);
  }

  close(): void {
    this.ended = true;
    this.hls.destroy();
    this.video.removeAttribute("src");
  }

  /** What is asked for from now on bears the new ticket; playlists name what they list with the one they were asked for with. */
  renewed(session: LiveSession): void {
    this.ticket = ticketOf(session.hls);
  }

  private end(...why: Parameters<PlayerEvents["onEnd"]>): void {
    if (this.ended) return;
    this.close();
    this.events.onEnd(...why);
  }
}

function ticketOf(address: string): string {
  return new URL(address, location.href).searchParams.get("ticket") ?? "";
}

function withTicket(address: string, ticket: string): string {
  const url = new URL(address, location.href);
  url.searchParams.set("ticket", ticket);
  return url.href;
}

/** What the node answered; hls.js hands on the request itself. */
function saidBy(request: unknown): Problem | undefined {
  const told = request instanceof XMLHttpRequest && (request.responseType === "" || request.responseType === "text");
  return told ? problemOf(request.responseText) : undefined;
}
