import { useAlarmWords } from "../../ui/alarm-words";
import { useWords } from "../../ui/language";
import { Priority, type AlarmPriority } from "../../ui/Priority";
import type { TextKey } from "../../ui/texts";
import { stopwatch } from "./age";
import { openedMs, type Alarm } from "./queue";

/** One alarm of the queue. */
export function AlarmRow({ alarm, now }: { alarm: Alarm; now: number }) {
  const { t } = useWords();
  const words = useAlarmWords();
  const where = placeOf(alarm);
  return (
    <div className={`alarm-row alarm-row-${alarm.priority}`} title={words(alarm)}>
      <Priority priority={alarm.priority as AlarmPriority} />
      <b className="kind">{t(`alarm.category.${alarm.category}` as TextKey)}</b>
      {alarm.repeats > 0 && (
        <span className="repeats" title={t("alarms.repeats.help", { count: alarm.repeats })} data-testid="repeats">
          ×{alarm.repeats + 1}
        </span>
      )}
      <time className="age" title={t("alarms.age")} data-testid="age">
        {stopwatch(now - openedMs(alarm))}
      </time>
      <span className="where">{where}</span>
    </div>
  );
}

/** Area, site and point, each said once. Pure. */
export function placeOf(alarm: Pick<Alarm, "area_name" | "site" | "point" | "zone">): string {
  return [alarm.area_name, alarm.site, alarm.point || alarm.zone].filter((one, at, all) => one !== "" && all.indexOf(one) === at).join(" · ");
}
