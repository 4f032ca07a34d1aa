import { Segmented } from "antd";
import { useWords } from "../../ui/language";
import { MODES, switched, type Mode, type Plan, type StreamDraft } from "./recording-hours";
import { RecordingState } from "./RecordingState";
import { StreamPlan } from "./StreamPlan";

interface Props {
  plan: Plan;
  /** The stream that the camera's own plan records as it is shown. */
  own: Plan["stream"];
  shown: StreamDraft;
  mayChange: boolean;
  onChange: (change: Partial<StreamDraft>) => void;
}

/** The camera's other stream, which may be recorded beside the one of its plan. */
export function OtherStream({ plan, own, shown, mayChange, onChange }: Props) {
  const { t } = useWords();
  const name = t(own === "main" ? "camera.sub" : "camera.main");
  const label = t("recording.other", { stream: name });
  if (!mayChange && plan.other === null) return null;
  return (
    <div data-testid="other-stream">
      <dl className="facts">
        {plan.other === null ? null : <RecordingState plan={plan.other} title={t("recording.now.of", { stream: name })} testId="other-state" />}
        <dt>{label}</dt>
        <dd>{mayChange ? <Segmented<Mode> size="small" value={shown.mode} aria-label={label} onChange={(mode) => onChange(switched(shown, mode))} options={MODES.map((mode) => ({ value: mode, label: t(`recording.mode.${mode}`) }))} /> : t(`recording.mode.${shown.mode}`)}</dd>
      </dl>
      <StreamPlan shown={shown} mayChange={mayChange} onChange={onChange} />
    </div>
  );
}
