import { useEffect, useRef } from "react";
import { useWords } from "../language";
import { FullScreenButton, useFullScreen } from "./full-screen";
import { chosenProtocol } from "./protocol";
import { ScreenMark } from "./ScreenMark";
import { TileMessage } from "./TileMessage";
import { useLive } from "./use-live";
import { useOnScreen } from "./use-on-screen";
import { useWay } from "./way";
import "./player.css";

interface Props {
  camera: string;
  name: string;
  stream: "main" | "sub";
  testId: string;
}

/** A live picture to be looked at and nothing else: it keeps, steers and records nothing, and asks the node for nothing but itself. */
export function WatchTile({ camera, name, stream, testId }: Props) {
  const { t } = useWords();
  const tile = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const { protocol, noteEnd, noteShown } = useWay(chosenProtocol());
  const live = useLive(video, camera, useOnScreen(tile) ? stream : undefined, protocol, noteEnd);
  const { possible, full, toggle } = useFullScreen(tile, false);
  const { kind } = live.picture;
  useEffect(() => {
    if (kind === "playing") noteShown();
  }, [kind, noteShown]);
  return (
    <div ref={tile} className="tile" data-tile data-testid={testId} data-state={kind} data-camera={camera} data-stream={stream} role="group" aria-label={name}>
      {/* As in every tile: the browser's own ways out of the page would show the picture without the mark. */}
      <video ref={video} muted playsInline autoPlay disablePictureInPicture disableRemotePlayback controlsList="nodownload nofullscreen noremoteplayback" onContextMenu={(event) => event.preventDefault()} />
      <ScreenMark />
      {kind !== "playing" && <TileMessage live={live} />}
      <div className="title">
        <span className="name">{name}</span>
        {live.session?.masked === true && <span data-testid={`${testId}-masked`}>{t("player.masked")}</span>}
        <span className="actions">{possible && <FullScreenButton full={full} toggle={toggle} testId={`${testId}-full`} />}</span>
      </div>
    </div>
  );
}
