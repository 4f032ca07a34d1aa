import { Slider } from "antd";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { api, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useTellProblem } from "../../ui/problem";

type Move = Schemas["PtzOrder"]["action"];
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

const ENDINGS = ["pointerup", "pointercancel", "blur"] as const;
const PRESSES = new Set([" ", "Enter"]);

/** Press and hold moves, by pointer or by key; letting go, losing the window or leaving the page stops. */
export function PtzPad({ code }: { code: string }) {
  const { t } = useWords();
  const tell = useTellProblem();
  const [speed, setSpeed] = useState(50);
  const send = (action: Move) => void api.POST("/api/v1/cameras/{code}/ptz", { params: { path: { code } }, body: { action, speed } }).catch(tell);
  const end = useRef<() => void>(() => undefined);
  const begin = (action: Move) => {
    end.current();
    send(action);
    if (action === "stop") return;
    const stop = () => {
      ENDINGS.forEach((ending) => window.removeEventListener(ending, stop));
      end.current = () => undefined;
      send("stop");
    };
    ENDINGS.forEach((ending) => window.addEventListener(ending, stop));
    end.current = stop;
  };
  useEffect(() => () => end.current(), []);
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
      if (PRESSES.has(event.key)) end.current();
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
