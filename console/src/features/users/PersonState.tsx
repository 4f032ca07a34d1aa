import type { Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";

/** Whether somebody can work, by word and shape and colour. */
export function PersonState({ person }: { person: Schemas["PersonShape"] }) {
  const { t } = useWords();
  if (person.disabled) return <span className="status-offline">○ {t("user.state.disabled")}</span>;
  if (person.closed_zh !== "") return <span className="status-fault">▲ {t("user.state.closed")}</span>;
  if (person.locked) return <span className="status-fault">▲ {t("user.state.locked")}</span>;
  if (person.must_change_password) return <span className="status-unknown">◇ {t("user.state.first")}</span>;
  return (
    <span className="status-online">
      ● <span className="status-text">{t("user.state.active")}</span>
    </span>
  );
}
