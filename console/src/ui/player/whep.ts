import { problemOf, type Player, type PlayerEvents } from "./player";

/** WebRTC by WHEP, receive only, no foreign servers. */
export class WhepPlayer implements Player {
  private readonly connection = new RTCPeerConnection();
  private resource: string | undefined;
  private looked: { waited: number; emitted: number; decoding: number; decoded: number } | undefined;
  private ended = false;

  constructor(
    private readonly url: string,
    private readonly video: HTMLVideoElement,
    private readonly events: PlayerEvents,
  ) {
    this.connection.addTransceiver("video", { direction: "recvonly" });
    this.connection.addTransceiver("audio", { direction: "recvonly" });
    const stream = new MediaStream();
    this.connection.ontrack = ({ track, receiver }) => {
      if (track.kind === "audio") {
        // The answer may promise sound that never comes: the track is unmuted by its first packet.
        track.onunmute = () => {
          stream.addTrack(track);
          events.onSound();
        };
        return;
      }
      receiver.transport?.addEventListener("statechange", () => receiver.transport?.state === "closed" && this.end("ended by the node"));
      (receiver as RTCRtpReceiver & { jitterBufferTarget?: number }).jitterBufferTarget = 0;
      stream.addTrack(track);
      video.srcObject = stream;
      void video.play().catch(() => undefined); // a hidden page may not play yet
    };
    this.connection.onconnectionstatechange = () => {
      if (["failed", "disconnected", "closed"].includes(this.connection.connectionState)) this.end("connection lost");
    };
    void this.begin().catch(() => this.end("refused"));
  }

  private async begin(): Promise<void> {
    await this.connection.setLocalDescription(await this.connection.createOffer());
    const answer = await fetch(this.url, { method: "POST", headers: { "content-type": "application/sdp" }, body: this.connection.localDescription?.sdp ?? "" });
    if (!answer.ok) return this.end("refused", { problem: problemOf(await answer.text()) });
    const location = answer.headers.get("location");
    this.resource = location === null ? undefined : new URL(location, this.url).href;
    const sdp = await answer.text();
    if (this.ended) return this.release();
    await this.connection.setRemoteDescription({ type: "answer", sdp });
  }

  private release(): void {
    if (this.resource !== undefined) void fetch(this.resource, { method: "DELETE", keepalive: true }).catch(() => undefined);
    this.resource = undefined;
  }

  /** What the jitter buffer and the decoder took for each picture since the last look. */
  async delayS(): Promise<number | undefined> {
    if (this.ended) return undefined;
    let found: { waited: number; emitted: number; decoding: number; decoded: number } | undefined;
    (await this.connection.getStats()).forEach((report: Partial<RTCInboundRtpStreamStats>) => {
      if (report.type !== "inbound-rtp" || report.kind !== "video") return;
      found = { waited: report.jitterBufferDelay ?? 0, emitted: report.jitterBufferEmittedCount ?? 0, decoding: report.totalDecodeTime ?? 0, decoded: report.framesDecoded ?? 0 };
    });
    const last = this.looked;
    this.looked = found;
    if (found === undefined || last === undefined || found.emitted <= last.emitted || found.decoded <= last.decoded) return undefined;
    return (found.waited - last.waited) / (found.emitted - last.emitted) + (found.decoding - last.decoding) / (found.decoded - last.decoded);
  }

  close(): void {
    this.ended = true;
    this.release();
    this.connection.close();
    this.video.srcObject = null;
  }

  private end(...why: Parameters<PlayerEvents["onEnd"]>): void {
    if (this.ended) return;
    this.close();
    this.events.onEnd(...why);
  }
}
