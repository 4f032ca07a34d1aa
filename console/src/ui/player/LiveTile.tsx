import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import { useWords } from "../language";
import { RecordButton } from "../record/RecordButton";
import { Replay } from "../replay/Replay";
import { useReplay } from "../replay/use-replay";
import { SteeringMark, useSteeringTile } from "../steer/tile";
import { DragZoom } from "./DragZoom";
import { FullScreenButton, useFullScreen } from "./full-screen";
import { PROTOCOL_NAMES, type Choice } from "./protocol";
import { transformOf } from "./digital-zoom";
import { ScreenMark } from "./ScreenMark";
import { LiveSnapshot, SnapshotButton } from "./SnapshotButton";
import { StreamMenu } from "./StreamMenu";
import { useStreamChoice, type StreamChoice } from "./stream-choice";
import { TileFigures } from "./TileFigures";
import { TileMessage } from "./TileMessage";
import { useDigitalZoom } from "./use-digital-zoom";
import { useLive, type Picture } from "./use-live";
import { useOnScreen } from "./use-on-screen";
import { useWay } from "./way";
import "./player.css";

/** A tile's picture for whoever works with it: the node's session, whether it plays, and where. */
export interface Shown {
  session: string | undefined;
  masked: boolean;
  playing: boolean;
  video: HTMLVideoElement | null;
}

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
  /** Key J steers it, although its other keys are not the tile's: those of an active tile, or of one that stands alone, do so without. */
  steerKeyed?: boolean;
  onSelect?: () => void;
  /** The tile can be dragged by its name: what it brings along. */
  onCarry?: (bag: DataTransfer) => void;
  /** Told of each change of the picture. */
  onPicture?: (kind: Picture["kind"]) => void;
  actions?: ReactNode;
  /** The minute just gone by can be shown in the place of the live picture. */
  replays?: boolean;
  /** Told when a replay begins and ends. */
  onReplay?: (begun: boolean) => void;
  /** Told of what is shown, whenever that changes. */
  onShown?: (shown: Shown) => void;
  /** Lies over the picture. */
  children?: ReactNode;
}

/** One live picture with its name, its figures, and what is wrong when there is none. */
export function LiveTile({ camera, name, protocol: wanted, choice, onChoose, testId, active = false, steerable = false, steerKeyed = false, onSelect, onCarry, onPicture, replays = false, onReplay, onShown, actions, children }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const tile = useRef<HTMLDivElement>(null);
  const { stream, lack, noteRetry } = useStreamChoice(tile, camera, choice);
  const { protocol, turn, noteEnd, noteShown } = useWay(wanted);
  const onScreen = useOnScreen(tile);
  const keyed = active || onSelect === undefined;
  const replay = useReplay(camera, replays, keyed);
  const replaying = replay.moment !== undefined;
  const still = useRef<() => void>(undefined);
  const takeReplayed = useCallback(() => still.current?.(), []);
  const live = useLive(video, camera, onScreen && !replaying ? stream : undefined, protocol, noteEnd);
  const { t } = useWords();
  const [zooming, setZooming] = useState(false);
  const [muted, setMuted] = useState(true);
  const seen = !replaying && (live.picture.kind === "playing" || live.picture.kind === "stalled");
  const { kind } = live.picture;
  useEffect(() => {
    if (kind === "playing") noteShown();
    onPicture?.(kind);
  }, [kind, noteShown, onPicture]);
  const session = live.session;
  useEffect(() => {
    onShown?.({ session: replaying ? undefined : session?.session, masked: session?.masked === true, playing: kind === "playing" && !replaying, video: video.current });
  }, [onShown, session, kind, replaying]);
  useEffect(() => {
    if (replaying) setZooming(false);
    onReplay?.(replaying);
  }, [onReplay, replaying]);
  const endZooming = useCallback(() => setZooming(false), []);
  const inTile = useCallback(() => tile.current ?? document.body, []);
  const retrying = live.stream?.state === "retrying";
  useEffect(() => {
    if (retrying) noteRetry();
  }, [retrying, noteRetry]);
  const { possible, full, toggle } = useFullScreen(tile, keyed);
  const steer = useSteeringTile(steerable && !replaying, keyed || steerKeyed, seen);
  const { view, reset, onPointerDown } = useDigitalZoom(tile, keyed, zooming || steer.armed);
  return (
    <div ref={tile} className={active ? "tile active" : "tile"} data-tile data-testid={testId} data-protocol={protocol} data-state={replaying ? "replay" : kind} data-camera={camera} data-stream={stream} role="group" aria-label={name} data-scale={view.scale.toFixed(2)} tabIndex={onSelect === undefined ? undefined : active ? 0 : -1} onClick={onSelect} onPointerDown={onPointerDown}>
      {/* The browser's own ways out of the page, its small window and its menu, would show the picture without the mark. */}
      <video ref={video} style={{ transform: transformOf(view) }} muted={muted || !live.hasSound} playsInline autoPlay disablePictureInPicture disableRemotePlayback controlsList="nodownload nofullscreen noremoteplayback" onContextMenu={(event) => event.preventDefault()} />
      {steerable && seen && view.scale === 1 && <DragZoom camera={camera} video={video} armed={zooming} onDone={endZooming} />}
      {replay.moment !== undefined && <Replay key={replay.moment.atMs} camera={camera} name={name} {...replay.moment} transform={transformOf(view)} onScreen={onScreen} still={still} testId={testId} onEnd={replay.end} />}
      {steerable && !replaying && <SteeringMark camera={camera} name={name} video={video} steer={steer} testId={testId} />}
      {!replaying && <ScreenMark />}
      {kind !== "playing" && !replaying && <TileMessage live={live} />}
      {children}
      <div className="title">
        <span className={onCarry === undefined ? "name" : "name grip"} draggable={onCarry !== undefined} onDragStart={(event) => onCarry?.(event.dataTransfer)}>{name}</span>
        {view.scale > 1 && (
          <button className="scale" title={t("player.digital.reset")} aria-label={t("player.digital.reset")} data-testid={`${testId}-scale`} onClick={reset}>
            {view.scale.toFixed(1)}×
          </button>
        )}
        <span className="actions">
          {steer.button(testId)}
          {steerable && !replaying && (
            <button aria-pressed={zooming} title={t("player.zoom.help")} aria-label={t("player.zoom")} data-testid={`${testId}-zoom`} onClick={() => setZooming(!zooming)}>
              <svg viewBox="0 0 16 16" width="15" height="15" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden>
                <path d="M1.5 5V1.5H5M11 1.5h3.5V5M14.5 11v3.5H11M5 14.5H1.5V11M8 5.5v5M5.5 8h5" />
              </svg>
            </button>
          )}
          {choice !== undefined && onChoose !== undefined && !replaying && <StreamMenu choice={choice} stream={stream} onChoose={onChoose} keyed={active} within={inTile} testId={testId} />}
          {replaying && <SnapshotButton take={takeReplayed} keyed={keyed} testId={testId} />}
          {seen && live.session !== undefined && <LiveSnapshot video={video} session={live.session.session} keyed={keyed} testId={testId} />}
          {!replaying && <RecordButton camera={camera} name={name} before={full ? toggle : undefined} testId={testId} />}
          {replay.button(testId)}
          {live.hasSound && !replaying && (
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
      {!replaying && (
        <div className="foot">
          {stream !== undefined && <span data-testid={`${testId}-shown`}>{t(`player.stream.${stream}`)}{choice === "auto" && <i>{t("player.stream.bySize")}</i>}</span>}
          {lack !== undefined && <span className="lack" title={t(`player.stream.lack.${lack}`)}>{t(`player.stream.lack.${lack}`)}</span>}
          <TileFigures key={stream} stream={live.figures} delayS={live.delayS} />
          {turn !== undefined && <span data-testid={`${testId}-way`}>{t(`player.way.${turn}`, { protocol: PROTOCOL_NAMES[protocol] })}</span>}
          {live.session?.masked === true && <span>{t("player.masked")}</span>}
          {live.session?.transcoded === true && <span data-testid={`${testId}-transcoded`}>{live.undecodable === undefined ? t("player.noH265") : t("player.undecodable", { codec: live.undecodable })}</span>}
        </div>
      )}
    </div>
  );
}
