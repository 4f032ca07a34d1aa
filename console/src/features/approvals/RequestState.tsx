import type { Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";

type State = Schemas["RequestShape"]["state"];

const MARKS: Record<State, [string, string]> = {
  pending: ["status-unknown", "◇"],
  approved: ["status-unknown", "◆"],
  applied: ["status-online", "●"],
  refused: ["status-fault", "▲"],
  expired: ["status-offline", "○"],
  void: ["status-fault", "▲"],
  withdrawn: ["status-offline", "○"],
};

/** A state by mark, colour and word. */
export function RequestState({ state }: { state: State }) {
  const { t } = useWords();
  const [colour, mark] = MARKS[state];
  return (
    <span className={colour} data-testid="request-state">
      {mark} <span className="status-text">{t(`approval.state.${state}`)}</span>
    </span>
  );
}
