import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
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
import { Preset, Ruled } from "./Ruled";
import type { RuledPictures } from "./use-ruled";

const nothing = () => undefined;

interface Props {
  alarm: Alarm;
  /** What rules show with it, beside its own. */
  ruled: RuledPictures;
  facts: ReactNode;
  /** What was done; beside the live picture where there is no footage to be shown. */
  steps: ReactNode;
}

/** The picture of the place as it is now, beside the seconds before the alarm, and below what is known of it. */
export function Pictures({ alarm, ruled, facts, steps }: Props) {
  const { t } = useWords();
  const { known } = useAskedCamera(alarm.camera);
  const footage = useFootage(alarm.camera, openedMs(alarm));
  const [choice, setChoice] = useState<StreamChoice>("auto");
  const shows = ruled.shown !== undefined;
  if (alarm.camera === "") {
    return (
      <>
        <div className={shows ? "alarm-pictures no-own" : "alarm-pictures none"}>
          <div className="alarm-no-camera" data-testid="no-camera">
            <b>{t("alarms.noCamera")}</b>
            <span>{t("alarms.noCamera.help")}</span>
          </div>
          <Ruled alarm={alarm} ruled={ruled} />
        </div>
        <div className="alarm-below">
          {facts}
          {steps}
        </div>
      </>
    );
  }
  const name = known?.name ?? alarm.camera;
  const atUs = (openedMs(alarm) - BEFORE_S * 1_000) * 1_000;
  const alone = footage.lack !== undefined;
  const before = (
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
  );
  return (
    <>
      <div className={["alarm-pictures", ...(alone ? ["live-alone"] : []), ...(shows ? ["with-ruled"] : [])].join(" ")}>
        <figure>
          <figcaption>
            <b>{t("alarms.live")}</b>
            <Preset alarm={alarm} camera={alarm.camera} preset={ruled.ownPreset} />
            <Link to="/cameras/$code" params={{ code: alarm.camera }} data-testid="alarm-camera">
              {name}
            </Link>
          </figcaption>
          <div className="alarm-picture">
            <LiveTile camera={alarm.camera} name={name} protocol={chosenProtocol()} choice={choice} onChoose={setChoice} testId="alarm-picture" steerable={isSteerable(known?.ptz_type ?? 0)} onSelect={nothing} />
          </div>
        </figure>
        <Ruled alarm={alarm} ruled={ruled} />
        {alone ? (
          <div className="alarm-aside">
            {before}
            {steps}
          </div>
        ) : (
          before
        )}
      </div>
      <div className={alone ? "alarm-below facts-alone" : "alarm-below"}>
        {facts}
        {!alone && steps}
      </div>
    </>
  );
}
