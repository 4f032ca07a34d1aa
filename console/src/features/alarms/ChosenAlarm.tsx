import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useWords } from "../../ui/language";
import { Priority, type AlarmPriority } from "../../ui/Priority";
import { Refused } from "../../ui/Refused";
import type { TextKey } from "../../ui/texts";
import { placeOf } from "./AlarmRow";
import { stopwatch } from "./age";
import { alarmKey, askedAlarm } from "./asked";
import { Facts } from "./Facts";
import { Pictures } from "./Pictures";
import { openedMs, type Alarm } from "./queue";
import { useNodeNow } from "./use-node-now";

interface Props {
  id: number | undefined;
  /** Others that came meanwhile. */
  missed: readonly Alarm[];
  onOpen: (id: number) => void;
}

/** The alarm that is looked at: its picture, and all that is known of it. */
export function ChosenAlarm({ id, missed, onOpen }: Props) {
  const { t } = useWords();
  const found = useQuery({ queryKey: alarmKey(id ?? 0), enabled: id !== undefined, retry: false, queryFn: () => askedAlarm(id ?? 0) });
  const [first] = missed;
  return (
    <section className="alarm-chosen" aria-label={t("alarms.chosen")} data-testid="alarm-chosen" data-alarm={id}>
      {first !== undefined && (
        <button className="alarm-came" data-testid="alarm-came" onClick={() => onOpen(first.id)}>
          <Priority priority={first.priority as AlarmPriority} /> {t("alarms.came", { count: missed.length })} <b>{t(`alarm.category.${first.category}` as TextKey)}</b> {placeOf(first)}
        </button>
      )}
      {id === undefined ? <div className="hint">{t("alarms.choose")}</div> : found.data !== undefined ? <Alarmed alarm={found.data} /> : found.isError ? <Refused error={found.error} /> : <div className="hint">{t("loading")}</div>}
      {found.isError && found.data !== undefined && <Button onClick={() => void found.refetch()}>{t("alarms.again")}</Button>}
    </section>
  );
}

function Alarmed({ alarm }: { alarm: Alarm }) {
  const { t } = useWords();
  const now = useNodeNow();
  return (
    <>
      <header className={`alarm-head alarm-head-${alarm.priority}`}>
        <Priority priority={alarm.priority as AlarmPriority} />
        <h1>{t(`alarm.category.${alarm.category}` as TextKey)}</h1>
        <span className="where">{placeOf(alarm)}</span>
        <time className="age">{stopwatch(now - openedMs(alarm))}</time>
      </header>
      <Pictures key={alarm.id} alarm={alarm} />
      <Facts alarm={alarm} />
    </>
  );
}
