import { useCallback, useEffect, useRef, useState, type RefObject } from "react";
import { api, ApiProblem, body, type Problem } from "../../api-client/client";
import { clockDoubt, sameDoubt, type ClockDoubt } from "./clock-doubt";
import { opening, type Conductor } from "./conductor";
import { FootagePlayer, type PlayerState } from "./footage-player";
import type { Missing, Period } from "./pieces";

const LOOK_MS = 100;
/** What was passed over is told so long. */
const TOLD_MS = 8_000;

export interface Wanted {
  period: Period;
  stream: "main" | "sub";
  /** Of moments that were recorded more than once: which, counted as they were. Without it the first. */
  recording?: number;
}

/** A playback that is open. */
export interface Playing {
  session: string;
  ticket: string;
  /** When the picture on screen is of, at this very moment, in µs. */
  shownUs: number | undefined;
}

export interface Footage {
  /** When the picture on screen is of, in µs; undefined before the first one. */
  shownUs: number | undefined;
  /** The device recorded that picture, and the node did not. */
  fromDevice: boolean;
  /** Why its time is in doubt. */
  doubt: ClockDoubt;
  state: PlayerState;
  /** Damage, or what is away, that was met lately. */
  met: Missing | undefined;
  /** Why nothing is played: a refusal, or what cut it. */
  problem: Problem | undefined;
  /** What is open; undefined while nothing is. */
  playing: RefObject<Playing | undefined>;
  /** Opens it anew. */
  askAgain: () => void;
}

/** Opens a camera's recorded footage in a video element, held to a conductor's clock. `wanted` is to stay the same object while the same is wanted; nothing is opened without it. */
export function useFootagePlayer(video: RefObject<HTMLVideoElement | null>, conductor: Conductor | undefined, code: string, wanted: Wanted | undefined, onOpened?: (period: Period) => void): Footage {
  const [shownUs, setShown] = useState<number>();
  const [fromDevice, setFromDevice] = useState(false);
  const [doubt, setDoubt] = useState<ClockDoubt>({});
  const [state, setState] = useState<PlayerState>("waiting");
  const [met, setMet] = useState<Missing>();
  const [problem, setProblem] = useState<Problem>();
  const [turn, setTurn] = useState(0);
  const playing = useRef<Playing>(undefined);
  const opened = useRef(onOpened);
  useEffect(() => {
    opened.current = onOpened;
  }, [onOpened]);
  useEffect(() => {
    const element = video.current;
    if (conductor === undefined || element === null || wanted === undefined) return;
    let player: FootagePlayer | undefined;
    let session: string | undefined;
    let gone = false;
    let limits = { nodeS: Infinity, cameraS: Infinity };
    const close = () => {
      if (session !== undefined) void api.DELETE("/api/v1/playback/{session}", { params: { path: { session } } }).catch(() => undefined);
    };
    const leave = () => {
      conductor.players.delete(code);
      conductor.states.delete(code);
    };
    setProblem(undefined);
    conductor.players.set(code, opening(wanted.period));
    const order = { from: new Date(wanted.period.fromUs / 1_000).toISOString(), to: new Date(wanted.period.toUs / 1_000).toISOString(), stream: wanted.stream, recording: wanted.recording ?? 1, source: "node" as const, speed: 1, ticket: "" };
    void body(api.POST("/api/v1/cameras/{code}/playback", { params: { path: { code } }, body: order })).then(
      (made) => {
        ({ session } = made);
        if (gone) return close();
        limits = { nodeS: made.clock_error_limit_s, cameraS: made.camera_clock_limit_s };
        const period = { fromUs: Date.parse(made.from) * 1_000, toUs: Date.parse(made.to) * 1_000 };
        const now: Playing = { session: made.session, ticket: made.use_ticket, shownUs: undefined };
        playing.current = now;
        player = new FootagePlayer(made.url, element, period, {
          onShown: (at) => void (now.shownUs = at),
          onEnd: (why) => {
            session = undefined;
            leave();
            playing.current = undefined;
            setProblem(why ?? ENDED);
          },
        });
        conductor.players.set(code, player);
        opened.current?.(period);
      },
      (error: unknown) => {
        if (!gone) leave();
        if (!(error instanceof ApiProblem)) throw error;
        if (!gone) setProblem(error.problem);
      },
    );
    const timer = setInterval(() => {
      const at = playing.current?.shownUs;
      setShown(at);
      const shown = at === undefined ? undefined : player?.fragmentAt(at);
      setFromDevice(shown?.from_device === true);
      const found = clockDoubt(shown, limits);
      setDoubt((old) => (sameDoubt(old, found) ? old : found));
      setMet(player?.metWithin(TOLD_MS));
      setState(conductor.states.get(code) ?? "waiting");
    }, LOOK_MS);
    return () => {
      gone = true;
      playing.current = undefined;
      clearInterval(timer);
      leave();
      if (player === undefined) close();
      player?.close(); // by which the playback ends, once the node hears of it
    };
  }, [video, conductor, code, wanted, turn]);
  const askAgain = useCallback(() => setTurn((old) => old + 1), []);
  return { shownUs, fromDevice, doubt, state, met, problem, playing, askAgain };
}

const ENDED: Problem = {
  status: 0,
  code: "playback.ended",
  zh: "回放已中断",
  en: "The playback was cut",
  remedy_zh: "使用单到期、关闭或连接中断时回放会结束;请检查使用单后重新打开",
  remedy_en: "It ends with its use ticket, and with the connection: look at the ticket and open it again",
};
