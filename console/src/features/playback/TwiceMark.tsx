import { useWords } from "../../ui/language";
import type { Twice } from "./streams";

interface Props {
  code: string;
  twice: Twice;
  /** The recording that is played, counted as they were made. */
  recording: number;
  onChoose: (recording: number) => void;
}

/** The node recorded this moment more than once, for its clock was set back: which of them is played, and on to the next. */
export function TwiceMark({ code, twice, recording, onChoose }: Props) {
  const { t } = useWords();
  return (
    <button className="stream twice" title={t("playback.twice.help")} aria-pressed={recording > 1} data-testid={`twice-${code}`} data-recording={recording} onClick={() => onChoose(recording >= twice.times ? 1 : recording + 1)}>
      {t("playback.twice", { count: recording, times: twice.times })}
    </button>
  );
}
