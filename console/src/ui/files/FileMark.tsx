import { useWords } from "../language";
import type { FileState } from "./fields";

const MARKS: Record<FileState, [colour: string, mark: string]> = {
  draft: ["status-offline", "○"],
  submitted: ["status-unknown", "◔"],
  "under-review": ["status-unknown", "◑"],
  returned: ["status-fault", "▲"],
  approved: ["status-online", "◕"],
  "in-use": ["status-online", "●"],
  repair: ["status-unknown", "◆"],
  removed: ["status-offline", "✕"],
  archived: ["status-offline", "▣"],
};

/** Where a file stands in its life: colour, shape and word. */
export function FileMark({ state }: { state: FileState }) {
  const { t } = useWords();
  const [colour, mark] = MARKS[state];
  return (
    <span className={colour}>
      {mark} <span className="status-text">{t(`file.state.${state}`)}</span>
    </span>
  );
}

export const STATES = Object.keys(MARKS) as FileState[];
