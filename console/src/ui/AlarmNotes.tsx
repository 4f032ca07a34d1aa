import type { Schemas } from "../api-client/client";
import { useWords } from "./language";

/** Why an alarm rang nobody: its point was in test, or not armed. Nothing of others. */
export function AlarmNotes({ alarm }: { alarm: Pick<Schemas["AlarmShape"], "tested" | "unarmed"> }) {
  const { t } = useWords();
  const notes = (["tested", "unarmed"] as const).filter((note) => alarm[note] === true);
  return notes.map((note) => (
    <span key={note} className="status-unknown" title={t(`alarms.${note}.help`)} data-testid={`alarm-${note}`}>
      ◆ {t(`alarms.${note}`)}
    </span>
  ));
}
