import Hls from "hls.js";
import type { LiveSession, Problem } from "../../api-client/client";
import { problemOf, type Player, type PlayerEvents } from "./player";

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
  private ticket: string;

  constructor(
    url: string,
    private readonly video: HTMLVideoElement,
    private readonly events: PlayerEvents,
  ) {
    this.ticket = ticketOf(url);
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

  /** What is asked for from now on bears the new ticket; playlists name what they list with the one they were asked for with. */
  renewed(session: LiveSession): void {
    this.ticket = ticketOf(session.hls);
  }

  private end(reason: string, problem?: Problem): void {
    if (this.ended) return;
    this.close();
    this.events.onEnd(reason, problem);
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
