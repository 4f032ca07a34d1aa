import { Slider } from "antd";
import { useCallback, useEffect, useRef, useState, type KeyboardEvent } from "react";
import type { Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { moveOf } from "../../ui/steer/command-line";
import { useCommandLine } from "../../ui/steer/use-command-line";
import "./ptz.css";

type Move = Exclude<Schemas["PtzOrder"]["action"], "steer">;
const PAD: [Move, string][] = [
  ["left_up", "↖"],
  ["up", "↑"],
  ["right_up", "↗"],
  ["left", "←"],
  ["stop", "■"],
  ["right", "→"],
  ["left_down", "↙"],
  ["down", "↓"],
  ["right_down", "↘"],
];

const ENDINGS = ["pointerup", "pointercancel"] as const;
const PRESSES = new Set([" ", "Enter"]);

/** Press and hold moves, by pointer or by key; letting go, losing the window or leaving the page stops. */
export function PtzPad({ code }: { code: string }) {
  const { t } = useWords();
  const line = useCommandLine(code);
  const [speed, setSpeed] = useState(50);
  const ending = useRef<() => void>(() => undefined);
  const end = useCallback(() => {
    ENDINGS.forEach((one) => window.removeEventListener(one, ending.current));
    line.stop();
  }, [line]);
  useEffect(() => {
    ending.current = end;
    return end;
  }, [end]);
  const begin = (action: Move) => {
    if (action === "stop") return line.halt();
    line.want(moveOf(action, speed));
    ENDINGS.forEach((one) => window.addEventListener(one, ending.current));
  };
  const hold = (action: Move) => ({
    "data-testid": `ptz-${action}`,
    "aria-label": t(`ptz.${action}`),
    title: t(`ptz.${action}`),
    onPointerDown: () => begin(action),
    onKeyDown: (event: KeyboardEvent) => {
      if (!PRESSES.has(event.key)) return;
      event.preventDefault();
      if (!event.repeat) begin(action);
    },
    onKeyUp: (event: KeyboardEvent) => {
      if (PRESSES.has(event.key)) end();
    },
  });
  const lens: [string, Move, Move][] = [
    [t("camera.zoom"), "zoom_in", "zoom_out"],
    [t("camera.focus"), "focus_near", "focus_far"],
    [t("camera.iris"), "iris_open", "iris_close"],
  ];
  return (
    <section className="card">
      <h3>{t("camera.ptz")}</h3>
      <div className="pad">
        {PAD.map(([action, arrow]) => (
          <button key={action} {...hold(action)}>
            {arrow}
          </button>
        ))}
      </div>
      <div className="lens">
        {lens.map(([label, more, less]) => (
          <div key={label} style={{ display: "contents" }}>
            <span>{label}</span>
            <button {...hold(more)}>+</button>
            <button {...hold(less)}>−</button>
          </div>
        ))}
      </div>
      <div>{t("camera.speed")}</div>
      <Slider min={1} max={100} value={speed} ariaLabelForHandle={t("camera.speed")} onChange={setSpeed} />
    </section>
  );
}
