import { useCallback, useEffect, useRef, useState, type MouseEvent, type PointerEvent, type RefObject } from "react";
import { api } from "../../api-client/client";
import { useWords } from "../language";
import { shownPicture, type Box } from "../player/drag-zoom";
import { steerOf } from "./command-line";
import { dragged, isStill, NOTCH_MS, STILL, wheeled, type Speeds } from "./joystick";
import { PresetStrip, usePresets } from "./PresetStrip";
import { onBlurs, useCommandLine, useTellSteering } from "./use-command-line";
import { useGamepad } from "./use-gamepad";
import { useSteeringKeys } from "./use-steering-keys";

interface Props {
  camera: string;
  video: RefObject<HTMLVideoElement | null>;
  /** Whoever else steers it: then nothing that the hand does here reaches the camera. */
  heldBy: string | undefined;
  onDone: () => void;
}

/** Less than this was a click: the camera turns there. */
const CLICK_PX = 6;

/** A sheet over the picture of a camera that is steered: drag from the middle, click to turn there, wheel, keys, joystick. */
export function Steer({ camera, video, heldBy, onDone }: Props) {
  const { t } = useWords();
  const line = useCommandLine(camera);
  const tell = useTellSteering(camera);
  const sheet = useRef<HTMLDivElement>(null);
  /** The hand: where it began, and whether it has moved. Never in the state of the view, which may be one event behind when the hand lets go. */
  const hand = useRef<{ x: number; y: number; drags: boolean }>(undefined);
  const notch = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [stick, setStick] = useState<{ dx: number; dy: number; reach: number }>();
  const dead = heldBy !== undefined;
  useEffect(() => {
    if (dead) line.letGo();
  }, [dead, line]);
  const push = (speeds: Speeds) => {
    clearTimeout(notch.current);
    if (dead) return;
    if (isStill(speeds)) line.stop();
    else line.want(steerOf(speeds.pan, speeds.tilt, speeds.zoom));
  };
  const presets = usePresets(camera);
  const goTo = (number: number) => void (dead ? undefined : api.POST("/api/v1/cameras/{code}/presets/{number}/go", { params: { path: { code: camera, number } } }).catch(tell));
  const pad = useGamepad({ onSpeeds: push, onPreset: goTo });
  useSteeringKeys({ push, onPreset: (number) => presets.some((one) => one.number === number) && goTo(number), onDone });
  const picture = (): Box => {
    const shown = video.current;
    return shownPicture({ width: shown?.clientWidth ?? 0, height: shown?.clientHeight ?? 0 }, { width: shown?.videoWidth ?? 0, height: shown?.videoHeight ?? 0 });
  };
  const pointOf = (event: MouseEvent<HTMLElement>) => {
    const at = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - at.left, y: event.clientY - at.top };
  };
  const begin = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    hand.current = { ...pointOf(event), drags: false };
  };
  const letGo = useCallback(() => {
    hand.current = undefined;
    setStick(undefined);
  }, []);
  const turn = (event: PointerEvent<HTMLElement>) => {
    const began = hand.current;
    if (began === undefined) return;
    if ((event.buttons & 1) === 0) {
      letGo(); // it came up where nobody told this page
      return push(STILL);
    }
    const at = pointOf(event);
    if (!began.drags && Math.hypot(at.x - began.x, at.y - began.y) < CLICK_PX) return;
    began.drags = true;
    const shown = picture();
    const [dx, dy] = [at.x - shown.left - shown.width / 2, at.y - shown.top - shown.height / 2];
    const reach = Math.min(shown.width, shown.height) * 0.45;
    setStick({ dx, dy, reach });
    push(dragged(dx, dy, reach));
  };
  const end = (event: PointerEvent<HTMLElement>) => {
    const began = hand.current;
    letGo();
    if (began?.drags === true) return push(STILL);
    const shown = picture();
    if (dead || began === undefined || event.type !== "pointerup" || shown.width === 0) return;
    const [x, y] = [(began.x - shown.left) / shown.width, (began.y - shown.top) / shown.height];
    if (x < 0 || x > 1 || y < 0 || y > 1) return;
    void api.POST("/api/v1/cameras/{code}/centre", { params: { path: { code: camera } }, body: { x, y } }).catch(tell);
  };
  const wheel = useRef<(event: WheelEvent) => void>(() => undefined);
  useEffect(() => {
    wheel.current = (event) => {
      event.preventDefault();
      if (dead || event.deltaY === 0 || hand.current !== undefined) return;
      push(wheeled(event.deltaY, event.shiftKey));
      notch.current = setTimeout(() => line.stop(), NOTCH_MS);
    };
  });
  useEffect(() => {
    const over = sheet.current;
    const onWheel = (event: WheelEvent) => wheel.current(event);
    over?.addEventListener("wheel", onWheel, { passive: false }); // React's own listener is passive: the page would scroll
    return () => over?.removeEventListener("wheel", onWheel);
  }, []);
  useEffect(() => () => clearTimeout(notch.current), []);
  // The line stops by itself: what the hand does afterwards, still down or not, must not begin anew.
  useEffect(() => onBlurs(letGo), [letGo]);
  return (
    <div ref={sheet} className={dead ? "steer-sheet dead" : "steer-sheet"} data-testid="steer-sheet" onPointerDown={begin} onPointerMove={turn} onPointerUp={end} onPointerCancel={end} onClick={(event) => event.stopPropagation()}>
      <svg className="steer-ring" viewBox="-50 -50 100 100" aria-hidden>
        <circle r="46" />
        <path d="M0-46v8M0 46v-8M-46 0h8M46 0h-8M-32.5-32.5l4 4M32.5 32.5l-4-4M-32.5 32.5l4-4M32.5-32.5l-4 4" />
        <circle className="knob" r="7" {...knobOf(dead ? undefined : stick)} />
      </svg>
      <PresetStrip camera={camera} presets={presets} disabled={dead} onGo={goTo} />
      <div className="steer-help">
        {dead ? <b role="status" data-testid="steer-dead">{t("steer.dead", { name: heldBy })}</b> : t("steer.help")}
        {pad !== "" && <b data-testid="steer-pad">{t("steer.pad", { name: pad })}</b>}
      </div>
    </div>
  );
}

function knobOf(stick: { dx: number; dy: number; reach: number } | undefined): { cx: number; cy: number } {
  if (stick === undefined) return { cx: 0, cy: 0 };
  const scale = 46 / Math.max(stick.reach, Math.hypot(stick.dx, stick.dy));
  return { cx: stick.dx * scale, cy: stick.dy * scale };
}
