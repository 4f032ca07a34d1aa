import type { Schemas } from "../api-client/client";
import { useWords } from "./language";

/** Why an alarm rang nobody, or less than others: its point was in test. Nothing of others. */
export function AlarmNotes({ alarm }: { alarm: Pick<Schemas["AlarmShape"], "tested"> }) {
  const { t } = useWords();
  return alarm.tested ? (
    <span className="status-unknown" title={t("alarms.tested.help")} data-testid="alarm-tested">
      ◆ {t("alarms.tested")}
    </span>
  ) : null;
}
