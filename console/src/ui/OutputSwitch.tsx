import { useQueryClient } from "@tanstack/react-query";
import { Button, InputNumber } from "antd";
import { useState } from "react";
import { api, type Schemas } from "../api-client/client";
import { useAct } from "./act";
import { useWords } from "./language";
import { useTime } from "./time";

type Shape = Schemas["OutputShape"];
const MARKS = { off: ["○", "offline"], on: ["●", "online"], switching: ["◇", "unknown"], "off-owed": ["▲", "fault"] } as const;
/** As long as something is under way, the list is asked so often. */
export const OUTPUTS_EVERY_MS = 1_000;
export const OUTPUTS_IDLE_MS = 10_000;

/** How often a list of outputs is to be asked for. */
export function outputsPace(items: Shape[] | undefined): number {
  return (items ?? []).some((one) => one.state !== "off") ? OUTPUTS_EVERY_MS : OUTPUTS_IDLE_MS;
}

/** What the device was told last. */
export function OutputState({ output }: { output: Shape }) {
  const { t } = useWords();
  const time = useTime();
  const [shape, colour] = MARKS[output.state];
  const said = output.state === "on" && output.until !== null ? t("outputs.state.on", { at: time(output.until) }) : t(output.state === "on" ? "outputs.on" : `outputs.state.${output.state}`);
  return (
    <span className={`status status-${colour}`} data-testid={`output-state-${output.id}`}>
      <span aria-hidden>{shape}</span> {said}
    </span>
  );
}

/** On for so many seconds, or off now. */
export function OutputSwitch({ output }: { output: Shape }) {
  const { t } = useWords();
  const queries = useQueryClient();
  const { busy, act } = useAct();
  const [seconds, setSeconds] = useState(10);
  const params = { path: { output_id: output.id } };
  const stale = () => queries.invalidateQueries({ queryKey: ["outputs"] });
  const on = () => act(() => api.POST("/api/v1/outputs/{output_id}/on", { params, body: { seconds } }).then(stale));
  const off = () => act(() => api.POST("/api/v1/outputs/{output_id}/off", { params }).then(stale));
  return (
    <>
      <InputNumber size="small" min={1} max={600} precision={0} suffix="s" value={seconds} style={{ width: 84 }} aria-label={`${output.name} · ${t("outputs.seconds")}`} onChange={(value) => setSeconds(value ?? 10)} />
      <Button size="small" loading={busy} disabled={output.distrusted} aria-label={t("outputs.on.of", { name: output.name })} data-testid={`output-on-${output.id}`} onClick={() => void on()}>
        {t("outputs.on")}
      </Button>
      <Button size="small" loading={busy} disabled={output.state === "off"} aria-label={t("outputs.off.of", { name: output.name })} data-testid={`output-off-${output.id}`} onClick={() => void off()}>
        {t("outputs.off")}
      </Button>
    </>
  );
}

/** The last order, and what failed in it. */
export function OutputLast({ output }: { output: Shape }) {
  const { t } = useWords();
  const time = useTime();
  return (
    <>
      {output.at !== null && <p className="quiet">{t("outputs.last", { by: output.by, at: time(output.at) })}</p>}
      {output.fault !== "" && <p className="status-fault">{t("outputs.fault", { why: output.fault })}</p>}
      {output.distrusted && <p className="status-fault">{t("outputs.distrusted")}</p>}
    </>
  );
}
