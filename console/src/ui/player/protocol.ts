import type { LiveSession } from "../../api-client/client";
import { HlsPlayer } from "./hls";
import type { Player, PlayerEvents, Protocol } from "./player";
import { WhepPlayer } from "./whep";
import { WsFmp4Player } from "./ws-fmp4";

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
  return new HlsPlayer(session.hls, video, events);
}
