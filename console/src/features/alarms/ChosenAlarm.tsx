import { useWords } from "../../ui/language";
import { Priority } from "../../ui/Priority";
import { Refused } from "../../ui/Refused";
import type { TextKey } from "../../ui/texts";
import { ActBar } from "./ActBar";
import { ActDialogs } from "./ActDialogs";
import { placeOf } from "./AlarmRow";
import { stopwatch } from "./age";
import { Clock, Escalated } from "./Clock";
import { Facts } from "./Facts";
import { Pictures } from "./Pictures";
import { openedMs, priorityOf, type Alarm } from "./queue";
import { Steps } from "./Steps";
import type { DeskActs } from "./use-acts";
import { useNodeNow } from "./use-node-now";

interface Props {
  id: number | undefined;
  /** Undefined until the node has told of it. */
  alarm: Alarm | undefined;
  error: Error | null;
  acts: DeskActs;
  /** Others that came meanwhile. */
  missed: readonly Alarm[];
  onOpen: (id: number) => void;
}

/** The alarm that is looked at: its picture, what is done with it, and all that is known of it. */
export function ChosenAlarm({ id, alarm, error, acts, missed, onOpen }: Props) {
  const { t } = useWords();
  const [first] = missed;
  return (
    <section className="alarm-chosen" aria-label={t("alarms.chosen")} data-testid="alarm-chosen" data-alarm={id} data-state={alarm?.work?.state}>
      {first !== undefined && (
        <button className="alarm-came" data-testid="alarm-came" onClick={() => onOpen(first.id)}>
          <Priority priority={priorityOf(first)} /> {t("alarms.came", { count: missed.length })} <b>{t(`alarm.category.${first.category}` as TextKey)}</b> {placeOf(first)}
        </button>
      )}
      {id === undefined ? <div className="hint">{t("alarms.choose")}</div> : alarm !== undefined ? <Alarmed alarm={alarm} acts={acts} /> : error !== null ? <Refused error={error} /> : <div className="hint">{t("loading")}</div>}
    </section>
  );
}

function Alarmed({ alarm, acts }: { alarm: Alarm; acts: DeskActs }) {
  const { t } = useWords();
  const now = useNodeNow();
  const { work } = alarm;
  return (
    <>
      <header className="alarm-head">
        <Priority priority={priorityOf(alarm)} />
        <h1>{t(`alarm.category.${alarm.category}` as TextKey)}</h1>
        <span className="where">{placeOf(alarm)}</span>
        {work?.active === false && <span className="restored">{t("alarms.restored")}</span>}
        {work !== null && <Escalated work={work} />}
        <time className="age" title={t("alarms.age")}>
          {stopwatch(now - openedMs(alarm))}
        </time>
      </header>
      {work !== null && (
        <div className="alarm-work" data-testid="alarm-work">
          <ActBar work={work} acts={acts} />
          <Clock work={work} now={now} told />
        </div>
      )}
      <Pictures key={alarm.id} alarm={alarm} />
      <div className="alarm-below">
        <Facts alarm={alarm} />
        {work !== null && <Steps id={alarm.id} />}
      </div>
      <ActDialogs key={`acts-${alarm.id}`} alarm={alarm} acts={acts} />
    </>
  );
}
