import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useWords } from "../../ui/language";
import { LiveTile } from "../../ui/player/LiveTile";
import { chosenProtocol } from "../../ui/player/protocol";
import type { StreamChoice } from "../../ui/player/stream-choice";
import { isSteerable } from "../../ui/steerable";
import { useCamera, useCameraName } from "../../ui/use-camera";
import type { Alarm } from "./queue";
import { usePresetGone, type RuledPictures } from "./use-ruled";

type Shown = NonNullable<RuledPictures["shown"]>;
const nothing = () => undefined;

/** What rules show with the alarm: one picture, and the others a key or a click away. */
export function Ruled({ alarm, ruled: { cameras, shown, choose } }: { alarm: Alarm; ruled: RuledPictures }) {
  const { t } = useWords();
  if (shown === undefined) return null;
  return (
    <figure data-testid="alarm-ruled" data-camera={shown.camera}>
      <figcaption>
        <b title={t("alarms.ruled.by", { rule: shown.rule })}>
          {t("alarms.ruled")}
          {cameras.length > 1 && ` ${cameras.indexOf(shown) + 1}/${cameras.length}`}
        </b>
        <Preset alarm={alarm} camera={shown.camera} preset={shown.preset ?? undefined} />
        <CameraLink code={shown.camera} />
      </figcaption>
      <div className="alarm-picture">
        <RuledTile key={shown.camera} shown={shown} />
      </div>
      {cameras.length > 1 && (
        <div className="alarm-ruled-list" role="group" aria-label={t("alarms.ruled")}>
          <kbd>,</kbd>
          {cameras.map((one, at) => (
            <Choice key={one.camera} camera={one.camera} at={at} chosen={one === shown} onChoose={() => choose(one.camera)} />
          ))}
          <kbd>.</kbd>
        </div>
      )}
    </figure>
  );
}

/** Where a camera is to look for this alarm, and why it does not. */
export function Preset({ alarm, camera, preset }: { alarm: Alarm; camera: string; preset: number | undefined }) {
  const { t } = useWords();
  const why = usePresetGone(alarm, camera, preset);
  if (preset === undefined) return null;
  return (
    <span className={why === undefined ? "alarm-preset" : "alarm-preset doubtful"} data-testid="alarm-preset">
      {why === undefined ? t("alarms.ruled.preset", { number: preset }) : t("alarms.ruled.notGone", { number: preset, why })}
    </span>
  );
}

function CameraLink({ code }: { code: string }) {
  return (
    <Link to="/cameras/$code" params={{ code }}>
      {useCameraName(code)}
    </Link>
  );
}

function RuledTile({ shown: { camera } }: { shown: Shown }) {
  const known = useCamera(camera);
  const [choice, setChoice] = useState<StreamChoice>("auto");
  return <LiveTile camera={camera} name={known?.name ?? camera} protocol={chosenProtocol()} choice={choice} onChoose={setChoice} testId="ruled-picture" steerable={isSteerable(known?.ptz_type ?? 0)} onSelect={nothing} />;
}

function Choice({ camera, at, chosen, onChoose }: { camera: string; at: number; chosen: boolean; onChoose: () => void }) {
  return (
    <button type="button" aria-pressed={chosen} data-testid={`ruled-${at}`} onClick={onChoose}>
      {useCameraName(camera)}
    </button>
  );
}
