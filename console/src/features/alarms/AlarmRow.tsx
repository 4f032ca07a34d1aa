import { useContext } from "react";
import { AlarmNotes } from "../../ui/AlarmNotes";
import { useAlarmWords } from "../../ui/alarm-words";
import { useWords } from "../../ui/language";
import { Priority } from "../../ui/Priority";
import { SiteBadge } from "../../ui/SiteBadge";
import { SignedIn } from "../../ui/signed-in";
import { stopwatch } from "../../ui/stopwatch";
import type { TextKey } from "../../ui/texts";
import { resultWords } from "./ActBar";
import { Clock, Escalated } from "./Clock";
import { PassedOn } from "./PassedOn";
import { openedMs, priorityOf, type Alarm } from "./queue";

/** One alarm of the queue. */
export function AlarmRow({ alarm, now }: { alarm: Alarm; now: number }) {
  const { t } = useWords();
  const me = useContext(SignedIn)?.user.id;
  const words = useAlarmWords();
  const { work } = alarm;
  const hosts = alarm.silence?.hosts ?? 0;
  const again = alarm.repeats + (work?.folded ?? 0);
  const result = work === null ? "" : resultWords({ result: work.result, reason: null }, t);
  return (
    <div className={`alarm-row alarm-row-${priorityOf(alarm)}`} title={words(alarm)}>
      <div>
        <Priority priority={priorityOf(alarm)} />
        <b className="kind">{t(`alarm.category.${alarm.category}` as TextKey)}</b>
        <AlarmNotes alarm={alarm} />
        {again > 0 && (
          <span className="repeats" title={t("alarms.again.help", { count: again })} data-testid="repeats">
            ×{again + 1}
          </span>
        )}
        <time className="age" title={t("alarms.age")} data-testid="age">
          {stopwatch(now - openedMs(alarm))}
        </time>
      </div>
      <div>
        <SiteBadge kind={alarm.site_kind ?? ""} />
        <span className="where">{[placeOf(alarm), hosts > 1 ? t("alarms.silence.hosts", { count: hosts }) : ""].filter((one) => one !== "").join(" · ")}</span>
        {work !== null && (
          <span className="state">
            <PassedOn work={work} />
            <Escalated work={work} />
            {work.owner !== null && (
              <span className={work.owner.id === me ? "owner mine" : "owner"} data-testid="owner">
                {work.owner.id === me ? t("alarms.mine") : work.owner.name}
                {result !== "" && ` · ${result}`}
              </span>
            )}
          </span>
        )}
      </div>
      {work !== null && <Clock work={work} now={now} />}
    </div>
  );
}

/** Area, site and point, each said once. Pure. */
export function placeOf(alarm: Pick<Alarm, "area_name" | "site" | "point" | "zone">): string {
  return [alarm.area_name, alarm.site, alarm.point || alarm.zone].filter((one, at, all) => one !== "" && all.indexOf(one) === at).join(" · ");
}
