import { useCallback, useContext, useMemo, useState } from "react";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { SignedIn } from "../../ui/signed-in";
import "./alarms.css";
import { ChosenAlarm } from "./ChosenAlarm";
import { withLooked } from "./queue";
import { QueueHead } from "./QueueHead";
import { QueueList } from "./QueueList";
import { useActs } from "./use-acts";
import { useAlarmKeys } from "./use-alarm-keys";
import { useChosen } from "./use-chosen";
import { useQueue } from "./use-queue";
import { useRuled } from "./use-ruled";
import { placeBeside, shownOf, type Whose } from "./work";

/** The desk's queue of alarms, and the one that is looked at with its picture. */
export function AlarmsPage() {
  const { t } = useWords();
  const me = useContext(SignedIn)?.user.id ?? 0;
  const queue = useQueue();
  const { alarms } = queue.queue;
  const [whose, setWhose] = useState<Whose>("all");
  const chosen = useChosen(queue);
  const { alarm, id, choose } = chosen;
  const acts = useActs(chosen, queue);
  const ruled = useRuled(alarm);
  const part = whose === "mine" ? queue.mine : queue.queue;
  const shown = useMemo(() => shownOf(part.next === null ? part.alarms : withLooked(part.alarms, alarm), whose, me), [part, alarm, whose, me]);
  const at = useMemo(() => shown.findIndex((one) => one.id === id), [shown, id]);
  const [unheard, setUnheard] = useState<number>();
  const { more } = queue;
  const onEnd = useCallback(() => more(whose === "mine" ? "mine" : "open"), [more, whose]);
  const step = (by: 1 | -1) => {
    const beside = shown[Math.max(0, Math.min(shown.length - 1, placeBeside(shown, alarm, at, by)))];
    if (beside !== undefined) choose(beside.id);
  };
  const heard = () => setUnheard(undefined);
  const verify = (which: 0 | 1 | 2) => void acts.verify((["real", "false", "unclear"] as const)[which]);
  useAlarmKeys({ settled: chosen.settled, ignored: () => setUnheard(id), heard, step, take: acts.take, verify, close: () => acts.ask("close"), handOver: () => acts.ask("hand-over"), picture: ruled.step });
  if (!queue.asked) return queue.error === null ? <div className="hint">{t("loading")}</div> : <Refused error={queue.error} />;
  return (
    <div className="alarms">
      <section className="queue-column" aria-label={t("alarms.queue")}>
        <QueueHead here={alarms.length} whose={whose} onWhose={setWhose} follows={chosen.follows} onFollow={chosen.setFollows} />
        {queue.error !== null && (
          <div className="notice" role="status" data-testid="queue-late">
            {t("alarms.late")}
          </div>
        )}
        <QueueList key={whose} alarms={shown} read={part.alarms.length} more={part.next !== null} chosen={id} at={at} onChoose={choose} onEnd={onEnd} />
      </section>
      <ChosenAlarm chosen={chosen} ruled={ruled} acts={acts} waits={alarms.length > 0} unheard={unheard !== undefined && unheard === id} onTouch={heard} />
    </div>
  );
}
