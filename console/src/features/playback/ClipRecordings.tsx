import { Radio } from "antd";
import { useWords } from "../../ui/language";
import type { ClipRecording } from "./clip-recordings";

interface Props {
  /** At least one. */
  recordings: readonly ClipRecording[];
  value: ClipRecording | undefined;
  onChange: (chosen: ClipRecording) => void;
}

const keyOf = (one: ClipRecording) => `${one.stream} ${one.recording}`;

/** Which of a camera's recordings of the marked time the clip is to hold; what is the only one is told alone. */
export function ClipRecordings({ recordings, value, onChange }: Props) {
  const { t } = useWords();
  const told = (one: ClipRecording) => {
    const parts = [t(`camera.${one.stream}`)];
    if (one.recording > 1) parts.push(t("clip.recording.turn", { count: one.recording }));
    else parts.push(t("clip.recording.seconds", { seconds: one.seconds.toFixed(1) }));
    if (one.recording === 1 && one.fetched > 0) parts.push(t("clip.recording.fetched", { seconds: one.fetched.toFixed(1) }));
    return parts.join(" · ");
  };
  const [only] = recordings;
  if (recordings.length < 2) return <>{only === undefined ? "" : told(only)}</>;
  const choose = (key: string) => {
    const chosen = recordings.find((one) => keyOf(one) === key);
    if (chosen !== undefined) onChange(chosen);
  };
  return (
    <Radio.Group
      vertical
      value={value === undefined ? undefined : keyOf(value)}
      onChange={(event) => choose(String(event.target.value))}
      aria-label={t("clip.recording")}
      data-testid="clip-recording"
      options={recordings.map((one) => ({ value: keyOf(one), label: <span data-testid={`recording-${one.stream}-${one.recording}`}>{told(one)}</span> }))}
    />
  );
}
