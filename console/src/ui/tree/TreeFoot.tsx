import { useWords } from "../language";
import type { Found } from "./camera-pages";

/** How many cameras there are, or were found, and which words were not looked for; a new group. */
export function TreeFoot({ total, found, onNew }: { total: number; found: Found | undefined; onNew: () => void }) {
  const { t } = useWords();
  return (
    <div className="foot">
      {found !== undefined && found.ignored.length > 0 && (
        <div className="ignored" role="status" data-testid="ignored-words">
          {t("tree.ignored", { words: found.ignored.join(" ") })}
        </div>
      )}
      {found === undefined ? t("tree.total", { count: total }) : t("tree.found", { count: found.total, total })}
      <button type="button" className="new-group" data-testid="new-group" onClick={onNew}>
        {t("tree.newGroup")}
      </button>
    </div>
  );
}
