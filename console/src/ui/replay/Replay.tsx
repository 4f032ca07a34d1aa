import { useCallback, useEffect, useImperativeHandle, useMemo, useRef, useState, type RefObject, type SyntheticEvent } from "react";
import { Lacking } from "../footage/Lacking";
import type { Period } from "../footage/pieces";
import { PictureTime } from "../footage/PictureTime";
import { useConductor } from "../footage/use-conductor";
import { useFootagePlayer } from "../footage/use-footage-player";
import { useStill } from "../footage/use-still";
import { useWords } from "../language";
import { useNews } from "../news";
import { ScreenMark } from "../player/ScreenMark";
import { isRefusal } from "../problem";
import { AskTicket } from "./AskTicket";
import "./replay.css";
import { byTicket, REPLAY_S } from "./replayable";

interface Props {
  camera: string;
  name: string;
  stream: "main" | "sub";
  /** By the node's clock: the minute before is shown. */
  atMs: number;
  /** Of the digital zoom. */
  transform: string | undefined;
  onScreen: boolean;
  /** Where the tile finds what keeps a still of it. */
  still: RefObject<(() => void) | undefined>;
  testId: string;
  /** So many seconds before `atMs`, again and again, beside the live picture and not in its place. */
  before?: number;
  onEnd?: () => void;
}

/** So near to its end there is nothing more to wait for: the last picture ends before the minute does. */
const END_US = 1_000_000;
/** So long it waits for what was recorded and is not on disk yet. */
const COMES_MS = 30_000;

const keepHere = (event: SyntheticEvent) => event.stopPropagation();

/** The minute just gone by, from the node's own recording, in the place of the live picture and marked as what it is. It ends by itself. */
export function Replay({ camera, name, stream, atMs, transform, onScreen, still, testId, before, onEnd }: Props) {
  const { t, pick } = useWords();
  const { feed } = useNews();
  const video = useRef<HTMLVideoElement>(null);
  const spanS = before ?? REPLAY_S;
  const wanted = useMemo(() => ({ period: { fromUs: (atMs - spanS * 1_000) * 1_000, toUs: atMs * 1_000 }, stream }), [atMs, spanS, stream]);
  const [period, setPeriod] = useState<Period>();
  const [paused, setPaused] = useState(false);
  const [asking, setAsking] = useState(false);
  const { conductor, now } = useConductor(wanted.period.fromUs);
  const opened = useCallback(
    (given: Period) => {
      conductor?.seek(given.fromUs);
      setPeriod(given);
    },
    [conductor],
  );
  const { shownUs, doubt, state, met, problem, playing, askAgain } = useFootagePlayer(video, conductor, camera, wanted, opened);
  const take = useStill(video, camera, name, { playing, state });
  useImperativeHandle(still, () => take, [take]);
  const hidden = useHiddenPage();
  const plays = period !== undefined && onScreen && !hidden && !paused;
  const { fromUs, toUs } = period ?? wanted.period;
  const atEnd = now.atUs >= toUs - END_US;
  const gone = useGone(period !== undefined && !atEnd && (state === "over" || state === "waiting"), state === "over");
  const over = atEnd ? state === "over" : gone;
  // The clock stops where the footage on disk ends: it goes on when more has come.
  useEffect(() => conductor?.play(plays), [conductor, plays, period, state]);
  const seen = useRef(false);
  useEffect(() => {
    seen.current ||= shownUs !== undefined || state === "undecoded"; // it is there, and has its word
    if (!over || !seen.current || problem !== undefined) return;
    if (before === undefined) onEnd?.();
    else conductor?.seek(fromUs);
  }, [over, state, shownUs, problem, before, conductor, fromUs, onEnd]);
  const kind = problem !== undefined ? "refused" : over ? "over" : period === undefined || state === "over" ? "waiting" : state;
  const sinceMs = before === undefined ? (feed?.nodeNow() ?? Date.now()) : atMs;
  const agoS = shownUs === undefined ? spanS : Math.max(0, Math.round((sinceMs - shownUs / 1_000) / 1_000));
  return (
    <div className="replay" data-testid={`${testId}-replay`} data-state={kind} data-shown-us={shownUs === undefined ? "" : Math.round(shownUs)}>
      <video ref={video} style={{ transform }} muted playsInline disablePictureInPicture disableRemotePlayback controlsList="nodownload nofullscreen noremoteplayback" onContextMenu={(event) => event.preventDefault()} />
      <ScreenMark />
      {kind !== "showing" && (
        <div className="message" role="status">
          {kind === "waiting" && <b>{t("replay.fetching")}</b>}
          {kind !== "refused" && <Lacking state={kind} reason={met?.reason} />}
          {kind === "over" && <b>{t(before === undefined ? "replay.none" : "replay.none.before", { seconds: spanS })}</b>}
          {problem !== undefined && (
            <>
              <b>{pick(problem.zh, problem.en)}</b>
              <small>{pick(problem.remedy_zh, problem.remedy_en)}</small>
              {isRefusal(problem) && (
                <small>
                  {t("refusal.rule")} <code>{problem.rule}</code> · {problem.code}
                </small>
              )}
              <button className="again" data-testid={`${testId}-replay-${byTicket(problem.code) ? "ticket" : "again"}`} onClick={byTicket(problem.code) ? () => setAsking(true) : askAgain}>
                {t(byTicket(problem.code) ? "ticket.open" : "playback.again")}
              </button>
            </>
          )}
        </div>
      )}
      <div className="replay-bar" onPointerDown={keepHere}>
        <b className="replay-mark" data-testid={`${testId}-replay-mark`}>
          {t(before === undefined ? "replay.mark" : "replay.mark.before", { seconds: agoS })}
        </b>
        {shownUs !== undefined && problem === undefined && <PictureTime atUs={shownUs} doubt={doubt} />}
        {period !== undefined && problem === undefined ? (
          <>
            <input type="range" min={0} max={toUs - fromUs} step={100_000} value={Math.min(Math.max(now.atUs - fromUs, 0), toUs - fromUs)} aria-label={t("replay.place")} data-testid={`${testId}-replay-place`} onChange={(event) => conductor?.seek(fromUs + Number(event.target.value))} />
            <button aria-pressed={paused} aria-label={t(paused ? "playback.play" : "playback.pause")} title={t(paused ? "playback.play" : "playback.pause")} data-testid={`${testId}-replay-pause`} onClick={() => setPaused(!paused)}>
              <svg viewBox="0 0 16 16" width="13" height="13" fill="currentColor" aria-hidden>
                <path d={paused ? "M4 2l9 6-9 6z" : "M4 2h3v12H4zM9 2h3v12H9z"} />
              </svg>
            </button>
          </>
        ) : (
          <span className="grow" />
        )}
        {before === undefined && (
          <button className="replay-live" title={`${t("replay.live")} (Esc)`} data-testid={`${testId}-replay-end`} onClick={onEnd}>
            <span>{t("replay.live")}</span> <kbd>Esc</kbd>
          </button>
        )}
      </div>
      {asking && (
        <span onPointerDown={keepHere} onClick={keepHere}>
          <AskTicket
            camera={camera}
            name={name}
            sinceMs={atMs - spanS * 1_000}
            untilMs={atMs}
            onClose={() => setAsking(false)}
            onOpened={() => {
              setAsking(false);
              askAgain();
            }}
          />
        </span>
      )}
    </div>
  );
}

/** Whether what lacks has not come for long after it was said once that there is no more. */
function useGone(lacks: boolean, over: boolean): boolean {
  const [said, setSaid] = useState(false);
  const [gone, setGone] = useState(false);
  useEffect(() => setSaid((before) => lacks && (before || over)), [lacks, over]);
  useEffect(() => {
    setGone(false);
    if (!said) return;
    const timer = setTimeout(() => setGone(true), COMES_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return lacks && gone;
}

function useHiddenPage(): boolean {
  const [hidden, setHidden] = useState(document.hidden);
  useEffect(() => {
    const look = () => setHidden(document.hidden);
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return hidden;
}
