import "./tree.css";
import { useWords } from "../language";
import { StatusMark, type Status } from "../status";

const STATES: readonly Status[] = ["online", "offline", "fault", "unknown"];

interface Props {
  states: readonly Status[];
  onChange: (states: readonly Status[]) => void;
}

/** Cameras of these states alone; none chosen: of any. */
export function StateChips({ states, onChange }: Props) {
  const { t } = useWords();
  return (
    <div className="state-chips" role="group" aria-label={t("tree.states")}>
      {STATES.map((state) => {
        const chosen = states.includes(state);
        return (
          <button
            key={state}
            type="button"
            aria-pressed={chosen}
            data-testid={`state-${state}`}
            onClick={() => onChange(chosen ? states.filter((one) => one !== state) : [...states, state])}
          >
            <StatusMark status={state} withText />
          </button>
        );
      })}
    </div>
  );
}
