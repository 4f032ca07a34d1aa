import { useQuery } from "@tanstack/react-query";
import { useContext, useMemo, useState } from "react";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { SignedIn } from "../../ui/signed-in";
import "./alarms.css";
import { alarmKey, askedAlarm } from "./asked";
import { ChosenAlarm } from "./ChosenAlarm";
import { QueueHead } from "./QueueHead";
import { QueueList } from "./QueueList";
import { useActs } from "./use-acts";
import { useAlarmKeys } from "./use-alarm-keys";
import { useChosen } from "./use-chosen";
import { useQueue } from "./use-queue";
import { shownOf, type Whose } from "./work";

/** The desk's queue of alarms, and the one that is looked at with its picture. */
export function AlarmsPage() {
  const { t } = useWords();
  const me = useContext(SignedIn)?.user.id ?? 0;
  const queue = useQueue();
  const { alarms, next } = queue.queue;
  const [whose, setWhose] = useState<Whose>("all");
  const shown = useMemo(() => shownOf(alarms, whose, me), [alarms, whose, me]);
  const overdue = useMemo(() => alarms.filter(({ work }) => (work?.escalated ?? 0) > 0).length, [alarms]);
  const chosen = useChosen(alarms, queue.asked);
  const found = useQuery({ queryKey: alarmKey(chosen.id ?? 0), enabled: chosen.id !== undefined, retry: false, queryFn: () => askedAlarm(chosen.id ?? 0) });
  const acts = useActs(found.data, queue.hear);
  const at = useMemo(() => shown.findIndex(({ id }) => id === chosen.id), [shown, chosen.id]);
  const step = (by: 1 | -1) => {
    const beside = shown[at < 0 ? 0 : Math.max(0, Math.min(shown.length - 1, at + by))];
    if (beside !== undefined) chosen.choose(beside.id);
  };
  const verify = (which: 0 | 1 | 2) => void acts.verify((["real", "false", "unclear"] as const)[which]);
  useAlarmKeys({ step, take: acts.take, verify, close: () => acts.ask("close"), handOver: () => acts.ask("hand-over") });
  if (!queue.asked) return queue.error === null ? <div className="hint">{t("loading")}</div> : <Refused error={queue.error} />;
  return (
    <div className="alarms">
      <section className="queue-column" aria-label={t("alarms.queue")}>
        <QueueHead here={alarms.length} overdue={overdue} whose={whose} onWhose={setWhose} follows={chosen.follows} onFollow={chosen.setFollows} />
        {queue.error !== null && (
          <div className="notice" role="status" data-testid="queue-late">
            {t("alarms.late")}
          </div>
        )}
        <QueueList key={whose} alarms={shown} more={next !== null} chosen={chosen.id} at={at} onChoose={chosen.choose} onEnd={queue.more} />
      </section>
      <ChosenAlarm id={chosen.id} alarm={found.data} error={found.error} acts={acts} missed={chosen.missed} onOpen={chosen.choose} />
    </div>
  );
}
