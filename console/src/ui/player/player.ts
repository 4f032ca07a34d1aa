import type { LiveSession, Problem } from "../../api-client/client";
import type { Undecoded } from "./decoding";

/** What every player does for a tile. A player ends once: by `close` or by `onEnd`; then the tile makes a new one. */
export interface Player {
  close(): void;
  /** A new ticket of the same session, for a player that goes on asking. */
  renewed?(session: LiveSession): void;
  /** Seconds from a picture's arrival here to its showing; undefined while nothing is known. */
  delayS(): Promise<number | undefined>;
}

export type Protocol = "ws" | "webrtc" | "hls";

export interface PlayerEvents {
  /** The player cannot go on; the tile asks the node again after a pause. `problem`: what the media port said when it refused. */
  onEnd: (reason: string, why?: { problem?: Problem | undefined; undecoded?: Undecoded }) => void;
  /** The stream has sound: only then is there something to unmute. */
  onSound: () => void;
}

/** What browsers take pictures by; undefined where there is none. */
export function mediaSource(): typeof MediaSource | undefined {
  return (window as { ManagedMediaSource?: typeof MediaSource }).ManagedMediaSource ?? (window as { MediaSource?: typeof MediaSource }).MediaSource;
}

/** What this browser decodes by this way of transport, as the node wants to know it: one way may carry what another cannot. */
export function decodableCodecs(protocol: Protocol): ("h264" | "h265")[] {
  if (protocol === "webrtc") {
    const received = (window as { RTCRtpReceiver?: typeof RTCRtpReceiver }).RTCRtpReceiver?.getCapabilities("video")?.codecs ?? [];
    return received.some((codec) => codec.mimeType.toLowerCase() === "video/h265") ? ["h264", "h265"] : ["h264"];
  }
  const source = mediaSource();
  const h265 = source !== undefined && ["hvc1.1.6.L93.B0", "hev1.1.6.L93.B0"].some((codec) => source.isTypeSupported(`video/mp4; codecs="${codec}"`));
  return h265 ? ["h264", "h265"] : ["h264"];
}

/** The media port's document about a refusal; undefined for anything else. */
export function problemOf(text: string): Problem | undefined {
  try {
    const said = JSON.parse(text) as Partial<Problem> | null;
    return typeof said?.code === "string" && typeof said.zh === "string" && typeof said.en === "string" ? (said as Problem) : undefined;
  } catch {
    return undefined;
  }
}
