import { span } from "../figures";
import { useWords } from "../language";
import { useZone, whichOf, written } from "../zone";
import type { ClockDoubt } from "./clock-doubt";
import "./footage.css";

interface Props {
  atUs: number;
  /** It is by the device's clock. */
  fromDevice?: boolean;
  doubt?: ClockDoubt;
}

const offBy = (seconds: number) => (seconds < 120 ? `${seconds} s` : span(seconds));

/** When a recorded picture is of, to the millisecond: its own time, not the player's; and why it may not be. */
export function PictureTime({ atUs, fromDevice = false, doubt = {} }: Props) {
  const { t } = useWords();
  const zone = useZone();
  const { cameraS, nodeS } = doubt;
  const which = whichOf(atUs / 1_000, zone);
  return (
    <div className="picture-time" data-testid="picture-time">
      {written(atUs / 1_000, zone)}
      <small>.{String(Math.floor(atUs / 1_000) % 1_000).padStart(3, "0")}</small>
      {which !== "" && <b title={t("playback.clock.which")}>{which}</b>}
      {fromDevice && <b title={t("playback.fromDevice.help")}>{t("playback.fromDevice")}</b>}
      {cameraS !== undefined && (
        <b title={t("playback.clock.camera.help")} data-testid="camera-clock">
          {t(cameraS > 0 ? "playback.clock.ahead" : "playback.clock.behind", { span: offBy(Math.abs(cameraS)) })}
        </b>
      )}
      {nodeS !== undefined && (
        <b title={t("playback.clock.node.help")} data-testid="node-clock">
          {nodeS === null ? t("playback.clock.unknown") : t("playback.clock.node", { seconds: nodeS })}
        </b>
      )}
    </div>
  );
}
