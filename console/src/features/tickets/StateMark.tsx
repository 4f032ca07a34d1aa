import { useWords } from "../../ui/language";
import type { TextKey } from "../../ui/texts";

const MARKS: Record<string, [string, string]> = { open: ["status-online", "●"], expired: ["status-offline", "○"], closed: ["status-offline", "○"] };

/** Where a ticket is: open, expired, closed. */
export function StateMark({ state }: { state: string }) {
  const { t } = useWords();
  const [colour, mark] = MARKS[state] ?? ["status-unknown", "◇"];
  return (
    <span className={colour} data-testid="ticket-state">
      {mark} <span className="status-text">{t(`ticket.state.${state}` as TextKey)}</span>
    </span>
  );
}
