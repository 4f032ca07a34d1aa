import { useCallback, useEffect, useRef, useState, type RefObject } from "react";
import { api, body, type Problem } from "../../api-client/client";
import { WsFmp4Player } from "../player/ws-fmp4";
import type { Conductor } from "./conductor";
import { DevicePlayer, type DeviceDesk } from "./device-player";
import type { PlayerState } from "./footage-player";
import type { Period } from "./pieces";
import type { Footage, Playing } from "./use-footage-player";

const LOOK_MS = 100;

/** What its device says of a picture beyond its time. */
export interface DeviceFootage extends Footage {
  /** It accepted a pause and goes on. */
  deaf: boolean;
  /** Why it plays no more. */
  over: { zh: string; en: string } | undefined;
}

const iso = (us: number) => new Date(us / 1_000).toISOString();

function deskOf(code: string): DeviceDesk {
  return {
    open: ({ fromUs, toUs }) => body(api.POST("/api/v1/cameras/{code}/device-playback", { params: { path: { code } }, body: { from: iso(fromUs), to: iso(toUs) } })),
    order: (session, order) => body(api.POST("/api/v1/playback/{session}/control", { params: { path: { session } }, body: order })),
    look: (session) => body(api.GET("/api/v1/playback/{session}/device", { params: { path: { session } } })),
    close: (session) => void api.DELETE("/api/v1/playback/{session}", { params: { path: { session } } }).catch(() => undefined),
  };
}

/** Plays what a camera's device has recorded in a video element, told by a conductor's clock. `stretches`: what it has, each without a gap, the same object while the same is wanted; nothing is opened without it. */
export function useDevicePlayer(video: RefObject<HTMLVideoElement | null>, conductor: Conductor | undefined, code: string, stretches: readonly Period[] | undefined): DeviceFootage {
  const [seen, setSeen] = useState<Omit<DeviceFootage, "problem" | "playing" | "askAgain" | "fromDevice" | "doubt" | "met">>({ shownUs: undefined, state: "waiting", deaf: false, over: undefined });
  const [problem, setProblem] = useState<Problem>();
  const [turn, setTurn] = useState(0);
  const playing = useRef<Playing>(undefined);
  useEffect(() => {
    const element = video.current;
    if (conductor === undefined || element === null || stretches === undefined) return;
    setProblem(undefined);
    let frames = 0;
    let undecoded = false;
    const player = new DevicePlayer(stretches, deskOf(code), {
      show: (url) => {
        frames = 0;
        return new WsFmp4Player(url, element, { onEnd: (_, why) => void (undecoded ||= why?.undecoded !== undefined), onSound: () => undefined }, true);
      },
      lead: (atUs) => conductor.lead(code, atUs),
      onEnd: (why) => setProblem(why),
    });
    conductor.players.set(code, player);
    const onFrame = () => {
      frames += 1;
      frame = element.requestVideoFrameCallback(onFrame);
    };
    let frame = element.requestVideoFrameCallback(onFrame);
    const timer = setInterval(() => {
      const told = player.session;
      const shownUs = frames === 0 ? undefined : player.hereUs;
      playing.current = told && { session: told.session, ticket: told.use_ticket, shownUs };
      const held: PlayerState = conductor.states.get(code) ?? "waiting";
      const state = undecoded ? "undecoded" : held === "showing" && frames === 0 ? "waiting" : held;
      setSeen({ shownUs, state, deaf: told?.deaf === true, over: told === undefined || told.over === "" || told.over === "sent" ? undefined : { zh: told.over_zh, en: told.over_en } });
    }, LOOK_MS);
    return () => {
      clearInterval(timer);
      element.cancelVideoFrameCallback(frame);
      playing.current = undefined;
      conductor.players.delete(code);
      conductor.states.delete(code);
      player.close();
    };
  }, [video, conductor, code, stretches, turn]);
  const askAgain = useCallback(() => setTurn((old) => old + 1), []);
  return { ...seen, fromDevice: false, doubt: {}, met: undefined, problem, playing, askAgain };
}
