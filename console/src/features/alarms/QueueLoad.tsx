import { useWords } from "../../ui/language";
import { Priority, type AlarmPriority } from "../../ui/Priority";
import type { QueueSummary } from "../../ui/alarm-summary";
import { stopwatch } from "../../ui/stopwatch";
import { useNodeNow } from "../../ui/use-node-now";

/** What the whole desk has before it, whatever part of the queue is here: by priority, too late, and whether it is more than one can bear. */
export function QueueLoad({ summary }: { summary: QueueSummary }) {
  const { t } = useWords();
  const now = useNodeNow();
  const waiting = summary.by_priority.filter(({ open }) => open > 0);
  const hour = summary.spans.find(({ span }) => span === "hour");
  const oldest = summary.oldest_unclaimed_at;
  if (waiting.length === 0 && hour?.in_flood !== true) return null;
  return (
    <div className="queue-load" data-testid="queue-load">
      {waiting.map(({ priority, open, unclaimed }) => (
        <span key={priority} className="of-priority" title={t("alarms.load.priority", { open, unclaimed })} data-testid={`load-${priority}`} data-open={open}>
          <Priority priority={priority as AlarmPriority} /> <b>{open}</b>
        </span>
      ))}
      <span className="grow" />
      {summary.overdue > 0 && (
        <span className="overdue" data-testid="queue-overdue">
          ▲ {t("alarms.overdue", { count: summary.overdue })}
        </span>
      )}
      {oldest !== null && (
        <span title={t("alarms.load.oldest.help")} data-testid="queue-oldest">
          {t("alarms.load.oldest", { age: stopwatch(now - Date.parse(oldest)) })}
        </span>
      )}
      {hour?.in_flood === true && (
        <b className="flood" title={t("alarms.load.flood.help")} data-testid="queue-flood">
          ▲ {t("alarms.load.flood", { rate: Math.round(hour.last_ten_minutes) })}
        </b>
      )}
    </div>
  );
}
