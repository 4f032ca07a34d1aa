import { Button, Input, InputNumber } from "antd";
import { useWords } from "../../ui/language";
import { CameraPick } from "../../ui/CameraPick";
import type { Stop } from "./shapes";

const MOST = 60;
export const EMPTY: Stop = { camera: "", look_for: "", watch_s: 15, preset: 0 };

/** The stops of a plan, in the order in which they are gone round. */
export function StopRows({ stops, onChange }: { stops: readonly Stop[]; onChange: (stops: Stop[]) => void }) {
  const { t } = useWords();
  const set = (at: number, change: Partial<Stop>) => onChange(stops.map((one, index) => (index === at ? { ...one, ...change } : one)));
  const move = (at: number, by: number) => {
    const moved = [...stops];
    const [one] = moved.splice(at, 1);
    if (one !== undefined) moved.splice(at + by, 0, one);
    onChange(moved);
  };
  return (
    <div className="patrol-stops">
      <div className="patrol-stop-row quiet" aria-hidden>
        <span />
        <span>{t("patrol.plan.camera")}</span>
        <span>{t("patrol.plan.lookFor")}</span>
        <span>{t("patrol.plan.watch")}</span>
        <span>{t("patrol.plan.preset")}</span>
      </div>
      {stops.map((one, at) => (
        <div key={at} className="patrol-stop-row" data-testid={`stop-row-${at + 1}`}>
          <b>{at + 1}</b>
          <CameraPick value={one.camera} testId={`stop-camera-${at + 1}`} onChange={(camera) => set(at, { camera })} />
          <Input value={one.look_for} maxLength={500} aria-label={t("patrol.plan.lookFor")} placeholder={t("patrol.plan.lookFor")} data-testid={`stop-look-${at + 1}`} onChange={(event) => set(at, { look_for: event.target.value })} />
          <label className="patrol-stop-number">
            <span>{t("patrol.plan.watch")}</span>
            <InputNumber min={3} max={600} precision={0} value={one.watch_s} aria-label={t("patrol.plan.watch")} data-testid={`stop-watch-${at + 1}`} onChange={(value) => set(at, { watch_s: value ?? EMPTY.watch_s })} />
          </label>
          <label className="patrol-stop-number">
            <span>{t("patrol.plan.preset")}</span>
            <InputNumber min={1} max={255} precision={0} value={one.preset || null} placeholder={t("patrol.plan.preset.none")} aria-label={t("patrol.plan.preset")} data-testid={`stop-preset-${at + 1}`} onChange={(value) => set(at, { preset: value ?? 0 })} />
          </label>
          <span className="patrol-stop-acts">
            <Button size="small" type="text" disabled={at === 0} aria-label={t("patrol.plan.stop.up")} title={t("patrol.plan.stop.up")} onClick={() => move(at, -1)}>
              ↑
            </Button>
            <Button size="small" type="text" disabled={at === stops.length - 1} aria-label={t("patrol.plan.stop.down")} title={t("patrol.plan.stop.down")} onClick={() => move(at, 1)}>
              ↓
            </Button>
            <Button size="small" type="text" disabled={stops.length === 1} aria-label={t("patrol.plan.stop.remove", { stop: at + 1 })} title={t("patrol.plan.stop.remove", { stop: at + 1 })} onClick={() => onChange(stops.filter((_, index) => index !== at))}>
              ✕
            </Button>
          </span>
        </div>
      ))}
      <Button size="small" disabled={stops.length >= MOST} data-testid="add-stop" onClick={() => onChange([...stops, { ...EMPTY, watch_s: stops.at(-1)?.watch_s ?? EMPTY.watch_s }])}>
        {t("patrol.plan.stop.add")}
      </Button>
    </div>
  );
}
