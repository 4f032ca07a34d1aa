import { useQuery } from "@tanstack/react-query";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";

const EVERY_MS = 30_000;

/** Says that the checkpoints of the audit log are late elsewhere: to the auditor with place and reason, to the keeper that it is so. */
export function CopyBanner({ auditor }: { auditor: boolean }) {
  const { t } = useWords();
  const node = useQuery({ queryKey: ["node"], queryFn: () => body(api.GET("/api/v1/node")), enabled: !auditor, refetchInterval: EVERY_MS });
  const copies = useQuery({ queryKey: ["audit-copies"], queryFn: () => body(api.GET("/api/v1/audit/copies")), enabled: auditor, refetchInterval: EVERY_MS });
  const late = copies.data?.items.filter((copy) => copy.late) ?? [];
  const count = auditor ? late.length : (node.data?.late_copies ?? 0);
  if (count === 0) return null;
  return (
    <div className="banner" role="alert" data-testid="late-copies">
      {t("audit.copies.late", { count: String(count) })}
      {late.map((copy) => (
        <div key={copy.place}>
          {copy.place} · {copy.what}
        </div>
      ))}
    </div>
  );
}
