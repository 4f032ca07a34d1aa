import { useMemo } from "react";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import "./alarms.css";
import { ChosenAlarm } from "./ChosenAlarm";
import { QueueHead } from "./QueueHead";
import { QueueList } from "./QueueList";
import { useAlarmKeys } from "./use-alarm-keys";
import { useChosen } from "./use-chosen";
import { useQueue } from "./use-queue";

/** The desk's queue of alarms, and the one that is looked at with its picture. */
export function AlarmsPage() {
  const { t } = useWords();
  const queue = useQueue();
  const { alarms, total } = queue.queue;
  const chosen = useChosen(alarms, queue.asked);
  const at = useMemo(() => alarms.findIndex(({ id }) => id === chosen.id), [alarms, chosen.id]);
  const step = (by: 1 | -1) => {
    const next = alarms[at < 0 ? 0 : Math.max(0, Math.min(alarms.length - 1, at + by))];
    if (next !== undefined) chosen.choose(next.id);
  };
  useAlarmKeys({ step });
  if (!queue.asked) return queue.error === null ? <div className="hint">{t("loading")}</div> : <Refused error={queue.error} />;
  return (
    <div className="alarms">
      <section className="alarm-queue" aria-label={t("alarms.queue")}>
        <QueueHead total={total} follows={chosen.follows} onFollow={chosen.setFollows} />
        {queue.error !== null && (
          <div className="notice" role="status" data-testid="queue-late">
            {t("alarms.late")}
          </div>
        )}
        <QueueList alarms={alarms} total={total} chosen={chosen.id} at={at} onChoose={chosen.choose} onEnd={queue.more} />
      </section>
      <ChosenAlarm id={chosen.id} missed={chosen.missed} onOpen={chosen.choose} />
    </div>
  );
}
