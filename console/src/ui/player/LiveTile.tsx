import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import { useWords } from "../language";
import { DragZoom } from "./DragZoom";
import { FullScreenButton, useFullScreen } from "./full-screen";
import type { StreamFigures } from "./figures-feed";
import { PROTOCOL_NAMES, type Choice } from "./protocol";
import { isRefusal } from "../problem";
import { ScreenMark } from "./ScreenMark";
import { Ways } from "../Ways";
import { StreamMenu } from "./StreamMenu";
import { useStreamChoice, type StreamChoice } from "./stream-choice";
import { useLive, type Live } from "./use-live";
import { useWay } from "./way";

interface Props {
  camera: string;
  name: string;
  protocol: Choice;
  /** The operator's choice of the stream, where there is one; without it the main stream is shown. */
  choice?: StreamChoice;
  onChoose?: (choice: StreamChoice) => void;
  testId: string;
  active?: boolean;
  /** The camera can be turned: boxes drawn on its picture zoom. */
  steerable?: boolean;
  onSelect?: () => void;
  actions?: ReactNode;
  /** Lies over the picture. */
  children?: ReactNode;
}

/** One live picture with its name, its figures, and what is wrong when there is none. */
export function LiveTile({ camera, name, protocol: wanted, choice, onChoose, testId, active = false, steerable = false, onSelect, actions, children }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const tile = useRef<HTMLDivElement>(null);
  const { stream, lack, noteRetry } = useStreamChoice(tile, camera, choice);
  const { protocol, turn, noteEnd, noteShown } = useWay(wanted);
  const live = useLive(video, camera, stream, protocol, noteEnd);
  const { t } = useWords();
  const [zooming, setZooming] = useState(false);
  const [muted, setMuted] = useState(true);
  const seen = live.picture.kind === "playing" || live.picture.kind === "stalled";
  const playing = live.picture.kind === "playing";
  useEffect(() => {
    if (playing) noteShown();
  }, [playing, noteShown]);
  const endZooming = useCallback(() => setZooming(false), []);
  const inTile = useCallback(() => tile.current ?? document.body, []);
  const retrying = live.stream?.state === "retrying";
  useEffect(() => {
    if (retrying) noteRetry();
  }, [retrying, noteRetry]);
  const { possible, full, toggle } = useFullScreen(tile, active || onSelect === undefined);
  return (
    <div ref={tile} className={active ? "tile active" : "tile"} data-tile data-testid={testId} data-protocol={protocol} data-state={live.picture.kind} data-camera={camera} data-stream={stream} role="group" aria-label={name} tabIndex={onSelect === undefined ? undefined : active ? 0 : -1} onClick={onSelect}>
      {/* The browser's own ways out of the page, its small window and its menu, would show the picture without the mark. */}
      <video ref={video} muted={muted || !live.hasSound} playsInline autoPlay disablePictureInPicture disableRemotePlayback controlsList="nodownload nofullscreen noremoteplayback" onContextMenu={(event) => event.preventDefault()} />
      {steerable && seen && <DragZoom camera={camera} video={video} armed={zooming} onDone={endZooming} />}
      <ScreenMark />
      {live.picture.kind !== "playing" && <Message live={live} />}
      {children}
      <div className="title">
        <span className="name">{name}</span>
        <span className="actions">
          {steerable && (
            <button aria-pressed={zooming} title={t("player.zoom.help")} aria-label={t("player.zoom")} data-testid={`${testId}-zoom`} onClick={() => setZooming(!zooming)}>
              <svg viewBox="0 0 16 16" width="15" height="15" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden>
                <path d="M1.5 5V1.5H5M11 1.5h3.5V5M14.5 11v3.5H11M5 14.5H1.5V11M8 5.5v5M5.5 8h5" />
              </svg>
            </button>
          )}
          {choice !== undefined && onChoose !== undefined && <StreamMenu choice={choice} stream={stream} onChoose={onChoose} keyed={active} within={inTile} testId={testId} />}
          {live.hasSound && (
            <button aria-pressed={!muted} aria-label={t(muted ? "player.unmute" : "player.mute")} data-testid={`${testId}-sound`} onClick={() => setMuted(!muted)}>
              <svg viewBox="0 0 16 16" width="15" height="15" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden>
                <path d={muted ? "M1.5 6v4H4l4 3.5v-11L4 6zM10.5 6l4 4M14.5 6l-4 4" : "M1.5 6v4H4l4 3.5v-11L4 6zM10.5 5.5a4 4 0 0 1 0 5M12.5 3.5a7 7 0 0 1 0 9"} />
              </svg>
            </button>
          )}
          {possible && <FullScreenButton full={full} toggle={toggle} testId={`${testId}-full`} />}
          {actions}
        </span>
      </div>
      <div className="foot">
        {stream !== undefined && <span data-testid={`${testId}-shown`}>{t(`player.stream.${stream}`)}{choice === "auto" && <i>{t("player.stream.bySize")}</i>}</span>}
        {lack !== undefined && <span className="lack" title={t(`player.stream.lack.${lack}`)}>{t(`player.stream.lack.${lack}`)}</span>}
        <Figures key={stream} stream={live.figures} />
        {turn !== undefined && <span data-testid={`${testId}-way`}>{t(`player.way.${turn}`, { protocol: PROTOCOL_NAMES[protocol] })}</span>}
        {live.session?.masked === true && <span>{t("player.masked")}</span>}
        {live.session?.transcoded === true && <span data-testid={`${testId}-transcoded`}>{live.undecodable === undefined ? t("player.noH265") : t("player.undecodable", { codec: live.undecodable })}</span>}
      </div>
    </div>
  );
}

function Message({ live }: { live: Live }) {
  const { t, pick } = useWords();
  const { picture, stream } = live;
  const retryAtMs = picture.kind === "waiting" || picture.kind === "refused" ? picture.retryAtMs : undefined;
  const broken = stream !== undefined && stream.state !== "idle" && stream.state !== "playing";
  // A stream that is being called again has no source for a while: what is wrong with it says more than that the port has none.
  const refused = picture.kind === "refused" && (isRefusal(picture.problem) || !broken) ? picture.problem : undefined;
  let text = t("player.connecting");
  let remedy = "";
  if (picture.kind === "stalled") {
    text = t("player.stalled");
  } else if (refused !== undefined) {
    text = pick(refused.zh, refused.en);
    remedy = pick(refused.remedy_zh, refused.remedy_en);
  } else if (broken) {
    text = pick(stream.text_zh, stream.text_en);
  } else if (picture.kind === "waiting") {
    text = t("player.failed");
  }
  return (
    <div className="message" role="status">
      <b>{text}</b>
      {remedy !== "" && <small>{remedy}</small>}
      {refused !== undefined && isRefusal(refused) && (
        <small>
          {t("refusal.rule")} <code>{refused.rule}</code> · {refused.code} · {refused.contact}
        </small>
      )}
      {refused !== undefined && <Ways code={refused.code} />}
      {picture.kind === "refused" && retryAtMs === undefined && (
        <button className="again" data-testid="ask-again" onClick={live.askAgain}>
          {t("player.again")}
        </button>
      )}
      {retryAtMs !== undefined && <Clock tell={(now) => t("player.retrying", { seconds: Math.max(0, Math.ceil((retryAtMs - now) / 1000)) })} />}
      {picture.kind === "stalled" && <Clock tell={(now) => t("player.stalled.for", { seconds: Math.floor((now - picture.sinceMs) / 1000) })} />}
    </div>
  );
}

function Clock({ tell }: { tell: (nowMs: number) => string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return <small aria-live="off">{tell(now)}</small>;
}

/** Codec, size, pictures and kilobits a second, loss, from two looks at the node's counters. What stands in `i` small tiles leave out. */
function Figures({ stream }: { stream: StreamFigures | undefined }) {
  const last = useRef<{ at: number; frames: number; bytes: number }>(undefined);
  const [shown, setShown] = useState({ form: "", rates: "", way: "", lost: "" });
  useEffect(() => {
    if (stream === undefined || stream.codec === "") return;
    const at = performance.now();
    const before = last.current;
    let rates = "";
    if (before !== undefined && stream.frames >= before.frames && at > before.at) {
      const seconds = (at - before.at) / 1000;
      rates = `${((stream.frames - before.frames) / seconds).toFixed(0)} fps · ${(((stream.bytes - before.bytes) * 8) / 1000 / seconds).toFixed(0)} kbit/s`;
    }
    const lost = stream.lost > 0 ? ` · -${stream.lost}` : "";
    last.current = { at, frames: stream.frames, bytes: stream.bytes };
    setShown({ form: `${stream.codec.toUpperCase()} ${stream.width}×${stream.height}${rates === "" ? "" : " · "}`, rates, way: ` · ${stream.transport.toUpperCase()}`, lost });
  }, [stream]);
  if (shown.form === "") return null;
  return (
    <span className="figures">
      <i>{shown.form}</i>
      {shown.rates}
      <i>{shown.way}</i>
      {shown.lost}
    </span>
  );
}
