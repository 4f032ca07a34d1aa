import { Link } from "@tanstack/react-router";
import { useOwnerNotices } from "../features/policy/OwnerNotices";
import { useWords } from "../ui/language";

/** For partner owners: something changes for their cameras that they have not read yet (A37). */
export function OwnerBar() {
  const { t, pick } = useWords();
  const unread = useOwnerNotices().filter((one) => one.unread);
  const newest = unread[0];
  if (newest === undefined) return null;
  return (
    <div className="banner" role="status" data-testid="owner-bar">
      ◆ {t("owner.bar", { count: unread.length, newest: pick(newest.zh, newest.en) })} <Link to="/policy">{t("owner.bar.open")}</Link>
    </div>
  );
}
