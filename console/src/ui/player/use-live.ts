import { useCallback, useEffect, useRef, useState, type RefObject } from "react";
import { ApiProblem, api, body, type LiveSession, type LiveState, type Problem } from "../../api-client/client";
import { isLiveState } from "../../api-client/events";
import { useNews } from "../news";
import { isRefusal } from "../problem";
import { followFigures, type StreamFigures } from "./figures-feed";
import { Decoding, takes } from "./decoding";
import { decodableCodecs, type Player, type PlayerEvents, type Protocol } from "./player";
import { makePlayer } from "./protocol";
import { Renewal } from "./renewal";
import { Stillness, UNREACHED, type Told } from "./stillness";

const PAUSES_MS = [300, 1000, 2000, 4000, 8000];
const LOOK_EVERY_MS = 500;
/** That nothing arrives is there to be read: no other word tells of it. */
const TOLD_MS = 4000;

/** A tile's picture as one tagged union. */
export type Picture =
  | { kind: "connecting" }
  | { kind: "playing" }
  | { kind: "stalled"; sinceMs: number }
  | { kind: "waiting"; retryAtMs: number }
  /** Without `retryAtMs` waiting does not help: it is asked again when rights have changed, or by hand. */
  | { kind: "refused"; problem: Problem; retryAtMs: number | undefined };

export type StreamState = Pick<LiveState, "state" | "text_zh" | "text_en">;

export interface Live {
  picture: Picture;
  /** The node's view of the stream. */
  stream: StreamState | undefined;
  figures: StreamFigures | undefined;
  session: LiveSession | undefined;
  hasSound: boolean;
  /** The codec that this browser was seen not to decode, where that is why the node transcodes. */
  undecodable: string | undefined;
  /** Seconds from a picture's arrival here to its showing. */
  delayS: () => Promise<number | undefined>;
  /** Asks again now, where something was refused. */
  askAgain: () => void;
}

/** What this person may do can be another now. */
const TURNS = new Set(["rights.changed", "policy.changed", "camera.passed"]);
/** A refusal of the media port that a new opening heals. */
const PASSING = new Set(["media.ticket_expired", "media.ticket_revoked"]);

/**
 * Opens a session, plays it, once it is known of which stream, recovers by itself, closes it. Nothing is decoded while the page is
 * hidden. What ends with `goesOnOtherwise` true is opened again by another protocol, which is given then.
 */
export function useLive(video: RefObject<HTMLVideoElement | null>, camera: string, stream: "main" | "sub" | undefined, protocol: Protocol, goesOnOtherwise: (problem: Problem) => boolean): Live {
  const [picture, setPicture] = useState<Picture>({ kind: "connecting" });
  const [session, setSession] = useState<LiveSession>();
  const [hasSound, setHasSound] = useState(false);
  const [undecodable, setUndecodable] = useState<string>();
  const [figures, setFigures] = useState<StreamFigures>();
  const state = useStreamState(camera, stream);
  const told = useRef<Told>("unknown");
  const refused = useRef<(why: "by hand" | "turn") => void>(undefined);
  const turned = useCallback(() => refused.current?.("turn"), []);
  const askAgain = useCallback(() => refused.current?.("by hand"), []);
  const shown = useRef<Player>(undefined);
  const delayS = useCallback(() => shown.current?.delayS() ?? Promise.resolve(undefined), []);
  const { feed, connected, epoch } = useNews();

  useEffect(() => {
    turned(); // the node may be another one by now
    return feed?.listen((event) => TURNS.has(event.type) && turned());
  }, [feed, epoch, turned]);
  useEffect(() => {
    told.current = connected ? toldBy(state) : "unknown";
    if (state?.state === "retrying") setPicture((old) => (old.kind === "playing" || old.kind === "stalled" ? { kind: "connecting" } : old));
  }, [state, connected]);
  useEffect(() => {
    setFigures(undefined); // those of the stream before
    return stream === undefined || feed === undefined ? undefined : followFigures(camera, stream, setFigures);
  }, [camera, stream, feed]);
  useEffect(() => {
    const element = video.current;
    if (element === null || stream === undefined) return;
    setPicture({ kind: "connecting" });
    setUndecodable(undefined);
    const decoding = new Decoding(decodableCodecs(protocol));
    let player: Player | undefined;
    let open: LiveSession | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let renewal: Renewal<LiveSession> | undefined;
    let failures = 0;
    let over = false;
    let turn = 0; // of opening: an answer that comes when another has begun, or none is wanted, is closed at once
    let opening = false;
    let frames = 0;
    let frameRequest = 0;
    const stillness = new Stillness();

    const onFrame = () => {
      frames += 1;
      failures = 0;
      stillness.moved(Date.now());
      const tile = element.closest<HTMLElement>("[data-tile]");
      if (tile !== null) tile.dataset["frames"] = String(frames);
      setPicture((old) => (old.kind === "playing" ? old : { kind: "playing" }));
      frameRequest = element.requestVideoFrameCallback(onFrame);
    };
    frameRequest = element.requestVideoFrameCallback(onFrame);

    const close = (session: string) =>
      void api.DELETE("/api/v1/live/{session}", { params: { path: { session } } }).catch(() => undefined);
    const stop = () => {
      turn += 1;
      opening = false;
      refused.current = undefined;
      stillness.stopped();
      clearTimeout(timer);
      renewal?.stop();
      player?.close();
      player = shown.current = undefined;
      if (open !== undefined) close(open.session);
      open = undefined;
    };
    const again = (problem?: Problem, leastMs = 0) => {
      stop();
      if (over) return;
      if (problem !== undefined && goesOnOtherwise(problem)) return setPicture({ kind: "connecting" });
      if (problem !== undefined && isRefusal(problem) && !PASSING.has(problem.code)) {
        refused.current = () => {
          refused.current = undefined;
          setPicture({ kind: "connecting" });
          void begin();
        };
        return setPicture({ kind: "refused", problem, retryAtMs: undefined });
      }
      const pause = Math.max(leastMs, PAUSES_MS[Math.min(failures++, PAUSES_MS.length - 1)] ?? 8000);
      const retryAtMs = Date.now() + pause;
      setPicture(problem === undefined ? { kind: "waiting", retryAtMs } : { kind: "refused", problem, retryAtMs });
      timer = setTimeout(() => void begin(), pause);
    };
    /** What this browser cannot decode is asked for again at once, to be transcoded. */
    const otherwise = () => {
      stop();
      if (over) return;
      setUndecodable(decoding.newest);
      setPicture({ kind: "connecting" });
      void begin();
    };
    const ended = (session: LiveSession, why: Parameters<PlayerEvents["onEnd"]>[1]) => {
      const asSent = !session.transcoded && !session.masked;
      if (why?.undecoded !== undefined && asSent && decoding.fails(why.undecoded)) return otherwise();
      again(why?.problem);
    };
    const renew = (session: string) => body(api.POST("/api/v1/live/{session}/renew", { params: { path: { session } } }));
    const begin = async () => {
      if (document.hidden || opening) return; // begins when the page is seen again
      opening = true;
      const mine = ++turn;
      let outdated = false; // rights changed since it was asked: a refusal may be of the rights before
      refused.current = (why) => (outdated ||= why === "turn");
      try {
        const made = await body(api.POST("/api/v1/cameras/{code}/live", { params: { path: { code: camera } }, body: { stream, ...decoding.order } }));
        if (mine !== turn) return close(made.session);
        opening = false;
        refused.current = undefined;
        open = made;
        if (!takes(protocol, made.codec_string) && decoding.fails({ codec: made.codec_string, sure: true })) return otherwise();
        setSession(made);
        setHasSound(false);
        stillness.began();
        player = shown.current = makePlayer(protocol, made, element, { onEnd: (_, why) => ended(made, why), onSound: () => setHasSound(true) });
        renewal = new Renewal(made, () => renew(made.session), (later) => player?.renewed?.(later));
      } catch (error) {
        if (mine !== turn) return;
        const problem = error instanceof ApiProblem ? error.problem : undefined;
        again(problem);
        if (outdated && problem !== undefined && isRefusal(problem)) turned();
      }
    };
    const onVisibility = () => {
      if (document.hidden) stop();
      else if (player === undefined) void begin();
    };
    const look = setInterval(() => {
      const verdict = stillness.look(Date.now(), element.getVideoPlaybackQuality().totalVideoFrames, told.current);
      if (verdict.kind === "given up") again();
      if (verdict.kind === "unshown") again(verdict.problem, verdict.problem === UNREACHED ? TOLD_MS : 0);
      if (verdict.kind === "still") setPicture((old) => (old.kind === "playing" ? { kind: "stalled", sinceMs: verdict.sinceMs } : old));
    }, LOOK_EVERY_MS);
    document.addEventListener("visibilitychange", onVisibility);
    void begin();
    return () => {
      over = true;
      refused.current = undefined;
      clearInterval(look);
      element.cancelVideoFrameCallback(frameRequest);
      document.removeEventListener("visibilitychange", onVisibility);
      stop();
    };
  }, [video, camera, stream, protocol, turned, goesOnOtherwise]);

  return { picture, stream: state, figures, session, hasSound, undecodable, delayS, askAgain };
}

/** So often the state is asked for by whoever is told no news. */
const ASK_STATE_MS = 3000;

function toldBy(state: StreamState | undefined): Told {
  if (state === undefined) return "unknown";
  return state.state === "playing" ? "playing" : state.state === "idle" ? "over" : "asked";
}

/** The stream's state: asked once, then told by the node; asked again when something may have been missed. */
function useStreamState(camera: string, stream: "main" | "sub" | undefined): StreamState | undefined {
  const [state, setState] = useState<StreamState>();
  const { feed, connected, epoch } = useNews();
  useEffect(() => {
    if (feed !== undefined || stream === undefined) return;
    let over = false;
    setState(undefined);
    const timer = setInterval(() => {
      void body(api.GET("/api/v1/cameras/{code}/live", { params: { path: { code: camera }, query: { stream } } }))
        .then((seen) => !over && setState(seen))
        .catch(() => !over && setState(undefined)); // the opening says what is wrong
    }, ASK_STATE_MS);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [feed, camera, stream]);
  useEffect(() => {
    if (!connected || epoch === 0 || stream === undefined) return; // the feed begins in a moment: asked before, a change in between would be missed
    let told = false;
    setState(undefined);
    const leave = feed?.listen((event) => {
      if (!isLiveState(event) || event.camera !== camera || event.stream !== stream) return;
      told = true;
      setState(event);
    });
    void body(api.GET("/api/v1/cameras/{code}/live", { params: { path: { code: camera }, query: { stream } } }))
      .then((seen) => {
        if (!told) setState(seen); // what was told meanwhile is newer
      })
      .catch(() => undefined); // the banner tells of a lost connection
    return () => {
      told = true;
      leave?.();
    };
  }, [feed, connected, epoch, camera, stream]);
  return state;
}
