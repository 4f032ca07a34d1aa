import { useWords } from "./language";
import { hasChildren, siteKindOf } from "./site-kinds";
import "./site.css";

/** Of which class a protected place is; where there are children it stands out. Nothing for no class. */
export function SiteBadge({ kind: said }: { kind: string }) {
  const { t } = useWords();
  const kind = siteKindOf(said);
  if (kind === undefined) return null;
  return (
    <span className={hasChildren(kind) ? "site-badge children" : "site-badge"} data-testid="site-badge" data-kind={kind}>
      {t(`sites.kind.${kind}`)}
    </span>
  );
}
