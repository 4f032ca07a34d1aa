import { InputNumber } from "antd";
import { useWords } from "../../ui/language";
import { TIMES, type Times } from "./recording-hours";

/** What of the time before an event, and after the last one, is recorded. */
export function EventTimes({ times, onChange }: { times: Times; onChange: (change: Partial<Times>) => void }) {
  const { t } = useWords();
  return (
    <div className="event-times">
      {(["before_s", "after_s"] as const).map((which) => (
        <div key={which}>
          <span>{t(`recording.${which}`)}</span>
          <InputNumber<number> value={times[which]} {...TIMES[which]} precision={0} aria-label={t(`recording.${which}`)} style={{ width: 130 }} suffix={t("recording.seconds")} data-testid={which} onChange={(value) => value !== null && onChange({ [which]: value })} />
        </div>
      ))}
      <p className="quiet fields-note">{t("recording.event.help")}</p>
    </div>
  );
}
