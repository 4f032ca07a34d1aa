import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { ApiProblem } from "../../api-client/client";
import type { Conductor } from "../../ui/footage/conductor";
import { Lacking } from "../../ui/footage/Lacking";
import type { Period } from "../../ui/footage/pieces";
import { PictureTime } from "../../ui/footage/PictureTime";
import { useDevicePlayer } from "../../ui/footage/use-device-player";
import { useFootagePlayer } from "../../ui/footage/use-footage-player";
import { useStill } from "../../ui/footage/use-still";
import { useWords } from "../../ui/language";
import { LiftRequest } from "../../ui/LiftRequest";
import { LiftReturn } from "../../ui/LiftReturn";
import { ScreenMark } from "../../ui/player/ScreenMark";
import { SnapshotButton } from "../../ui/player/SnapshotButton";
import "../../ui/player/player.css";
import { useMay } from "../../ui/signed-in";
import { useZone, wallTime } from "../../ui/zone";
import { StreamMark } from "./StreamMark";
import { TwiceMark } from "./TwiceMark";
import type { DeviceFiles } from "./use-device-files";
import type { CameraFootage } from "./use-footage";

interface Props {
  code: string;
  name: string;
  footage: CameraFootage;
  /** What its device has recorded, where that is what is played; undefined for the node's own footage. */
  device: DeviceFiles | undefined;
  conductor: Conductor | undefined;
  active: boolean;
  onSelect: () => void;
  onClose: () => void;
  onTicket: () => void;
  /** From the node's footage to the device's, and back. */
  onSource: () => void;
  /** A stream was chosen, whether it has footage or not. */
  chosen: boolean;
  onStream: () => void;
  /** Its footage is damaged there; it stays the same function. */
  onDamage: (code: string, part: Period) => void;
  /** Where the page finds what keeps a still of each camera. */
  stills: Map<string, () => void>;
  /** What lies over its picture. */
  sheet?: ReactNode;
}

/** One camera's recorded picture with its own date and time, or why there is none. */
export function PlaybackTile({ code, name, footage, device, conductor, active, onSelect, onClose, onTicket, onSource, chosen, onStream, onDamage, stills, sheet }: Props) {
  const { t, pick } = useWords();
  const zone = useZone();
  const may = useMay();
  const video = useRef<HTMLVideoElement>(null);
  const { fromUs, toUs } = footage.period ?? { fromUs: 0, toUs: 0 };
  const isDevice = device !== undefined;
  // While it is asked which stream has footage of another time, the one of before is played.
  const [stream, setStream] = useState(footage.stream);
  const [recording, setRecording] = useState(1);
  if (footage.stream !== undefined && footage.stream !== stream) {
    setStream(footage.stream);
    setRecording(1);
  }
  const [begin, setBegin] = useState(fromUs);
  if (fromUs !== begin) {
    setBegin(fromUs);
    setRecording(1);
  }
  const wanted = useMemo(() => (fromUs === toUs || isDevice || stream === undefined ? undefined : { period: { fromUs, toUs }, stream, recording }), [fromUs, toUs, isDevice, stream, recording]);
  const ofNode = useFootagePlayer(video, conductor, code, wanted);
  const ofDevice = useDevicePlayer(video, conductor, code, device?.stretches);
  const { shownUs: shown, state, met, problem, playing } = isDevice ? ofDevice : ofNode;
  const twice = shown === undefined || isDevice ? undefined : footage.twice.find((one) => one.fromUs <= shown && shown < one.toUs);
  // Another stretch that was recorded twice begins with its first recording again, as the clip of it does.
  if (recording > 1 && shown !== undefined && !isDevice && twice === undefined) setRecording(1);
  useEffect(() => {
    if (met?.kind === "damage") onDamage(code, { fromUs: met.from_us, toUs: met.to_us });
  }, [code, met, onDamage]);
  const askAgain = device?.problem !== undefined ? device.askAgain : isDevice ? ofDevice.askAgain : ofNode.askAgain;
  const still = useStill(video, code, name, { playing, state });
  useEffect(() => {
    stills.set(code, still);
    return () => void stills.delete(code);
  }, [stills, code, still]);
  const clock = (us: number) => wallTime(us / 1_000, zone).slice("2026-11-26T".length);
  const without = footage.period === undefined && !footage.pending;
  const refused = device?.problem ?? problem ?? (footage.error instanceof ApiProblem ? footage.error.problem : undefined);
  const kind = without ? "ticket" : refused !== undefined ? "refused" : isDevice && device.stretches === undefined ? "listing" : state;
  return (
    <div className={active ? "tile active" : "tile"} data-testid={`playback-${code}`} data-state={kind} data-shown-us={shown === undefined ? "" : Math.round(shown)} onClick={onSelect}>
      <video ref={video} muted playsInline disablePictureInPicture onContextMenu={(event) => event.preventDefault()} />
      <ScreenMark />
      {sheet}
      <div className="title">
        <span className="name">{name}</span>
        {!without && !isDevice && stream !== undefined && <StreamMark code={code} shown={stream} chosen={chosen} offered={footage.streams.length > 1} onTurn={onStream} />}
        {twice !== undefined && <TwiceMark code={code} twice={twice} recording={Math.min(recording, twice.times)} onChoose={setRecording} />}
        <span className="actions">
          {!without && may("view-unmasked") && <LiftReturn code={code} inTile onReturned={askAgain} />}
          {!without && (
            <button className="source" title={t(isDevice ? "playback.device.leave" : "playback.device.show")} aria-pressed={isDevice} data-testid={`source-${code}`} onClick={onSource}>
              {t("playback.device")}
            </button>
          )}
          {kind === "showing" && <SnapshotButton take={still} testId={`playback-${code}`} />}
          <button title={t("playback.close")} aria-label={t("playback.close")} onClick={onClose}>
            ✕
          </button>
        </span>
      </div>
      {shown !== undefined && kind !== "ticket" && kind !== "refused" && <PictureTime atUs={shown} fromDevice={!isDevice && ofNode.fromDevice} doubt={isDevice ? undefined : ofNode.doubt} />}
      {isDevice && kind !== "ticket" && kind !== "refused" && (device.lacking !== undefined || ofDevice.deaf) && (
        <div className="device-note" data-testid={`device-note-${code}`}>
          {device.lacking !== undefined && (
            <button className="again" onClick={device.askAgain} title={t("playback.device.askAgain")}>
              {t("playback.device.lacking", device.lacking)} ↻
            </button>
          )}
          {ofDevice.deaf && <span>{t("playback.device.deaf")}</span>}
        </div>
      )}
      {met?.kind === "damage" && (kind === "showing" || kind === "waiting") && (
        <div className="device-note" role="status" data-testid={`passed-${code}`}>
          <span>{t("playback.passed", { from: clock(met.from_us), to: clock(met.to_us) })}</span>
        </div>
      )}
      {!isDevice && !without && footage.filled !== undefined && (
        <div className="device-note" role="status" data-testid={`filling-${code}`}>
          <span>{t("playback.filling", { percent: footage.filled })}</span>
        </div>
      )}
      {kind !== "showing" && (
        <div className="message">
          {kind === "ticket" && (
            <>
              <b>{t("playback.noTicket")}</b>
              <small>{t("playback.noTicket.help")}</small>
              <button className="again" data-testid="ask-ticket" onClick={onTicket}>
                {t("ticket.open")}
              </button>
            </>
          )}
          {kind === "refused" && refused !== undefined && (
            <>
              <b>{pick(refused.zh, refused.en)}</b>
              <small>{pick(refused.remedy_zh, refused.remedy_en)}</small>
              {refused.code === "playback.masked" && may("view-unmasked") && <LiftRequest code={code} />}
              <button className="again" onClick={askAgain}>
                {t("playback.again")}
              </button>
            </>
          )}
          {kind !== "ticket" && kind !== "refused" && kind !== "listing" && <Lacking state={kind} reason={met?.reason} />}
          {kind === "over" && <b>{ofDevice.over === undefined ? t("playback.over") : pick(ofDevice.over.zh, ofDevice.over.en)}</b>}
          {kind === "forward" && <b>{t("playback.device.forward")}</b>}
          {kind === "listing" && <b>{t("playback.device.listing")}</b>}
          {kind === "waiting" && <b>{t("loading")}</b>}
        </div>
      )}
    </div>
  );
}
