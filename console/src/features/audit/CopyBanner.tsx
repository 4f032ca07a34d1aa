import { useQuery } from "@tanstack/react-query";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";

const EVERY_MS = 30_000;

/** Says that the checkpoints of the audit log are late elsewhere, or what was found about a neighbour's log: to the auditor with place
 * and reason, to the keeper that it is so. */
export function CopyBanner({ auditor }: { auditor: boolean }) {
  const { t, language } = useWords();
  const node = useQuery({ queryKey: ["node"], queryFn: () => body(api.GET("/api/v1/node")), enabled: !auditor, refetchInterval: EVERY_MS });
  const copies = useQuery({ queryKey: ["audit-copies"], queryFn: () => body(api.GET("/api/v1/audit/copies")), enabled: auditor, refetchInterval: EVERY_MS });
  const logs = useQuery({ queryKey: ["neighbour-logs"], queryFn: () => body(api.GET("/api/v1/audit/neighbours")), enabled: auditor, refetchInterval: EVERY_MS });
  const late = copies.data?.items.filter((copy) => copy.late) ?? [];
  const found = logs.data?.items.flatMap((log) => log.findings.filter((one) => one.ended_at === null).map((one) => ({ ...one, code: log.code }))) ?? [];
  const lateCount = auditor ? late.length : (node.data?.late_copies ?? 0);
  const places = auditor ? copies.data?.items.length : node.data?.audit_copies;
  const foundCount = auditor ? found.length : (node.data?.neighbour_findings ?? 0);
  return (
    <>
      {places === 0 && (
        <div className="banner" role="alert" data-testid="no-copies">
          {t("audit.copies.none")}
        </div>
      )}
      {lateCount > 0 && (
        <div className="banner" role="alert" data-testid="late-copies">
          {t("audit.copies.late", { count: String(lateCount) })}
          {late.map((copy) => (
            <div key={copy.place}>
              {copy.place} · {copy.what}
            </div>
          ))}
        </div>
      )}
      {foundCount > 0 && (
        <div className="banner" role="alert" data-testid="neighbour-findings">
          {t("audit.neighbours.found", { count: String(foundCount) })}
          {found.map((one) => (
            <div key={`${one.code}-${one.kind}`}>
              {one.code} · {language === "en" ? one.en : one.zh}
            </div>
          ))}
        </div>
      )}
    </>
  );
}
