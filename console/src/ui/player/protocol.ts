import type { LiveSession } from "../../api-client/client";
import type { Player, PlayerEvents, Protocol } from "./player";
import { WhepPlayer } from "./whep";
import { WsFmp4Player } from "./ws-fmp4";

export const PROTOCOL_NAMES: Record<Protocol, string> = { ws: "WebSocket", webrtc: "WebRTC", hls: "HLS" };
export type Choice = Protocol | "auto";
const KEY = "fengsui.protocol";

/** The user's choice; automatic means WebSocket where the browser has MediaSource, else HLS. */
export function chosenProtocol(): Choice {
  const kept = localStorage.getItem(KEY);
  return kept === "ws" || kept === "webrtc" || kept === "hls" ? kept : "auto";
}

export function chooseProtocol(choice: Choice): void {
  localStorage.setItem(KEY, choice);
}

export function protocolFor(choice: Choice): Protocol {
  if (choice !== "auto") return choice;
  return "MediaSource" in window || "ManagedMediaSource" in window ? "ws" : "hls";
}

export function makePlayer(protocol: Protocol, session: LiveSession, video: HTMLVideoElement, events: PlayerEvents): Player {
  if (protocol === "ws") return new WsFmp4Player(session.ws_fmp4, video, events);
  if (protocol === "webrtc") return new WhepPlayer(session.webrtc, video, events);
  let newest = session;
  const player = onDemand(async () => {
    const { HlsPlayer } = await import("./hls");
    return new HlsPlayer(newest.hls, video, events);
  }, events);
  return {
    close: () => player.close(),
    delayS: () => player.delayS(),
    renewed: (later) => {
      newest = later;
      player.renewed?.(later);
    },
  };
}

/** A player whose code is fetched only now: most browsers never need it. */
function onDemand(load: () => Promise<Player>, events: PlayerEvents): Player {
  let player: Player | undefined;
  let closed = false;
  load().then(
    (made) => {
      player = made;
      if (closed) made.close();
    },
    () => !closed && events.onEnd("not loaded"),
  );
  return {
    close: () => {
      closed = true;
      player?.close();
    },
    delayS: () => player?.delayS() ?? Promise.resolve(undefined),
    renewed: (session) => player?.renewed?.(session),
  };
}
