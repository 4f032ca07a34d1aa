import { AlarmNotes } from "../../ui/AlarmNotes";
import { ProcedurePanel } from "../../ui/procedure/ProcedurePanel";
import { useWords } from "../../ui/language";
import { Priority } from "../../ui/Priority";
import { Refused } from "../../ui/Refused";
import { SiteBadge } from "../../ui/SiteBadge";
import { stopwatch } from "../../ui/stopwatch";
import type { TextKey } from "../../ui/texts";
import { useNodeNow } from "../../ui/use-node-now";
import { ActBar } from "./ActBar";
import { ActDialogs } from "./ActDialogs";
import { AlarmIncident } from "./AlarmIncident";
import { placeOf } from "./AlarmRow";
import { Clock, Escalated } from "./Clock";
import { Facts } from "./Facts";
import { PassedOn } from "./PassedOn";
import { Pictures } from "./Pictures";
import { openedMs, priorityOf, type Alarm } from "./queue";
import { Shelve } from "./Shelve";
import { SiteCard } from "./SiteCard";
import { Steps } from "./Steps";
import { Told } from "./Told";
import type { DeskActs } from "./use-acts";
import type { Chosen } from "./use-chosen";
import type { RuledPictures } from "./use-ruled";

interface Props {
  chosen: Chosen;
  /** What rules show with it. */
  ruled: RuledPictures;
  acts: DeskActs;
  /** Whether there is any to choose. */
  waits: boolean;
  /** A key was not heard, for this one had just opened by itself. */
  unheard: boolean;
  /** Somebody does something with it. */
  onTouch: () => void;
}

/** The alarm that is looked at: its picture, what is done with it, and all that is known of it. */
export function ChosenAlarm({ chosen: { id, alarm, error, gone, missed, settled, choose, hold }, ruled, acts, waits, unheard, onTouch }: Props) {
  const { t } = useWords();
  const touch = () => {
    if (!settled) return;
    hold();
    onTouch();
  };
  const [first] = missed;
  return (
    <section className="alarm-chosen" aria-label={t("alarms.chosen")} data-testid="alarm-chosen" data-alarm={id} data-state={alarm?.work?.state} data-settled={settled} onPointerDownCapture={touch}>
      {first !== undefined && (
        <button className="alarm-came" data-testid="alarm-came" onClick={() => choose(first.id)}>
          <Priority priority={priorityOf(first)} /> {t("alarms.came", { count: missed.length })} <b>{t(`alarm.category.${first.category}` as TextKey)}</b> {placeOf(first)}
        </button>
      )}
      {id === undefined || gone ? <Nothing waits={waits} gone={gone} /> : alarm !== undefined ? <Alarmed alarm={alarm} ruled={ruled} acts={acts} unheard={unheard} /> : error !== null ? <Refused error={error} /> : <div className="hint">{t("loading")}</div>}
    </section>
  );
}

/** None is looked at: calm, or a hint; or one was that has ended here. */
function Nothing({ waits, gone }: { waits: boolean; gone: boolean }) {
  const { t } = useWords();
  return (
    <div className="alarm-nothing" data-testid="nothing-chosen">
      {gone && <span data-testid="alarm-gone">{t("alarms.gone")}</span>}
      <b>{t(waits ? "alarms.choose" : "alarms.calm")}</b>
      {!waits && <span>{t("alarms.calm.help")}</span>}
    </div>
  );
}

function Alarmed({ alarm, ruled, acts, unheard }: { alarm: Alarm; ruled: RuledPictures; acts: DeskActs; unheard: boolean }) {
  const { t } = useWords();
  const now = useNodeNow();
  const { work } = alarm;
  return (
    <>
      <header className="alarm-head">
        <Priority priority={priorityOf(alarm)} />
        <h1>{t(`alarm.category.${alarm.category}` as TextKey)}</h1>
        <SiteBadge kind={alarm.site_kind ?? ""} />
        <span className="where">{placeOf(alarm)}</span>
        <AlarmNotes alarm={alarm} />
        {work?.active === false && <span className="restored">{t("alarms.restored")}</span>}
        {work !== null && <PassedOn work={work} />}
        {work !== null && <Escalated work={work} />}
        {(unheard || !acts.ready) && (
          <span className="just-opened" role="status" data-testid="just-opened" data-unheard={unheard}>
            ◆ {t(unheard ? "alarms.unheard" : "alarms.justOpened")}
          </span>
        )}
        <time className="age" title={t("alarms.age")}>
          {stopwatch(now - openedMs(alarm))}
        </time>
      </header>
      {work !== null && (
        <div className="alarm-work" data-testid="alarm-work">
          <ActBar work={work} acts={acts} />
          <AlarmIncident key={alarm.id} alarm={alarm} />
          <Shelve key={`shelve-${alarm.id}`} alarm={alarm} />
          <Clock work={work} now={now} told />
        </div>
      )}
      <SiteCard alarm={alarm} />
      {work !== null && <ProcedurePanel key={`procedures-${alarm.id}`} about={{ kind: "alarm", id: alarm.id }} works={acts.turn === "verify" || acts.turn === "close"} />}
      <Pictures key={alarm.id} alarm={alarm} ruled={ruled} facts={<Facts alarm={alarm} />} steps={work !== null && <Steps id={alarm.id} version={work.version} told={<Told id={alarm.id} version={work.version} />} />} />
      <ActDialogs key={`acts-${alarm.id}`} alarm={alarm} acts={acts} />
    </>
  );
}
