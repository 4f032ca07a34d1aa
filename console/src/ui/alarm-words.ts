import type { Schemas } from "../api-client/client";
import { useWords } from "./language";
import type { TextKey } from "./texts";

type Told = Pick<Schemas["AlarmShape"], "category" | "change" | "point" | "zone" | "user" | "site" | "text"> & Partial<Pick<Schemas["AlarmShape"], "tested" | "unarmed">>;

/** An alarm in one line: what it is, whether it ended, where, and what its sender says. */
export function useAlarmWords(): (alarm: Told) => string {
  const { t } = useWords();
  return (alarm) => {
    const what = t(`alarm.category.${alarm.category}` as TextKey);
    const named = alarm.change === "new" ? what : t(`alarm.change.${alarm.change}`, { what });
    const where = alarm.point || alarm.zone || alarm.user;
    return [named, where, alarm.site, alarm.text, alarm.tested === true ? t("alarms.tested") : "", alarm.unarmed === true ? t("alarms.unarmed") : ""].filter((one, at, all) => one !== "" && all.indexOf(one) === at).join(" · ");
  };
}
