import { useWords } from "../language";
import { useZone, written } from "../zone";
import "./footage.css";

/** When a recorded picture is of, to the millisecond: its own time, not the player's. `fromDevice`: by the device's clock. */
export function PictureTime({ atUs, fromDevice = false }: { atUs: number; fromDevice?: boolean }) {
  const { t } = useWords();
  const zone = useZone();
  return (
    <div className="picture-time" data-testid="picture-time">
      {written(atUs / 1_000, zone)}
      <small>.{String(Math.floor(atUs / 1_000) % 1_000).padStart(3, "0")}</small>
      {fromDevice && (
        <b className="from-device" title={t("playback.fromDevice.help")}>
          {t("playback.fromDevice")}
        </b>
      )}
    </div>
  );
}
