import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useAskedCamera } from "../../ui/use-camera";
import { useWords } from "../../ui/language";
import { LiveTile } from "../../ui/player/LiveTile";
import { chosenProtocol } from "../../ui/player/protocol";
import type { StreamChoice } from "../../ui/player/stream-choice";
import { isSteerable } from "../../ui/steerable";
import { footageToPlay } from "../../ui/to-playback";
import { Before } from "./Before";
import { BEFORE_S, useFootage } from "./footage-before";
import { openedMs, type Alarm } from "./queue";

const nothing = () => undefined;

/** The picture of the place as it is now, beside the seconds before the alarm. */
export function Pictures({ alarm }: { alarm: Alarm }) {
  const { t } = useWords();
  const { known } = useAskedCamera(alarm.camera);
  const footage = useFootage(alarm.camera, openedMs(alarm));
  const [choice, setChoice] = useState<StreamChoice>("auto");
  if (alarm.camera === "") {
    return (
      <div className="alarm-no-camera" data-testid="no-camera">
        <b>{t("alarms.noCamera")}</b>
        <span>{t("alarms.noCamera.help")}</span>
      </div>
    );
  }
  const name = known?.name ?? alarm.camera;
  const atUs = (openedMs(alarm) - BEFORE_S * 1_000) * 1_000;
  return (
    <div className={footage.lack === undefined ? "alarm-pictures" : "alarm-pictures live-alone"}>
      <figure>
        <figcaption>
          <b>{t("alarms.live")}</b>
          <Link to="/cameras/$code" params={{ code: alarm.camera }} data-testid="alarm-camera">
            {name}
          </Link>
        </figcaption>
        <div className="alarm-picture">
          <LiveTile camera={alarm.camera} name={name} protocol={chosenProtocol()} choice={choice} onChoose={setChoice} testId="alarm-picture" steerable={isSteerable(known?.ptz_type ?? 0)} onSelect={nothing} />
        </div>
      </figure>
      <figure>
        <figcaption>
          <b>{t("alarms.before", { seconds: BEFORE_S })}</b>
          <Link to="/playback" onClick={() => footageToPlay({ cameras: [{ code: alarm.camera, name }], atUs })}>
            {t("alarms.playback")}
          </Link>
        </figcaption>
        <div className="alarm-picture">
          <Before camera={alarm.camera} name={name} atMs={openedMs(alarm)} footage={footage} />
        </div>
      </figure>
    </div>
  );
}
