import { useWords } from "../language";
import { useTime } from "../time";
import { useMay } from "../signed-in";
import { useRecordNow } from "./use-record-now";

interface Props {
  camera: string;
  name: string;
  /** Before the dialog opens: it does not show over a picture that fills the screen. */
  before?: (() => void) | undefined;
  testId: string;
}

/** On a live picture: has its camera recorded at once. */
export function RecordButton({ camera, name, before, testId }: Props) {
  const { t } = useWords();
  const time = useTime();
  const { ask, until, dialog } = useRecordNow(camera, name);
  const may = useMay();
  if (!may("view-live")) return null;
  const text = until === undefined ? t("act.recording.now") : t("record.now.until", { time: time(until).slice(11) });
  const open = () => {
    before?.();
    ask();
  };
  return (
    <>
      <button aria-pressed={until !== undefined} title={text} aria-label={text} className="record-button" data-testid={`${testId}-record`} onClick={open}>
        <svg viewBox="0 0 16 16" width="15" height="15" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden>
          <circle cx="8" cy="8" r="6.2" />
          <circle cx="8" cy="8" r="2.8" fill="currentColor" />
        </svg>
      </button>
      {dialog}
    </>
  );
}
