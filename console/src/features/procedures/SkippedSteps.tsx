import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../../api-client/client";
import { ActButton } from "../../ui/act";
import { useWords } from "../../ui/language";
import { review } from "../../ui/procedure/procedure-run";
import { Refused } from "../../ui/Refused";
import { useTime } from "../../ui/time";

/** Runs with skipped steps that no supervisor has seen. */
export function SkippedSteps({ manages }: { manages: boolean }) {
  const { t } = useWords();
  const time = useTime();
  const queries = useQueryClient();
  const found = useQuery({ queryKey: ["procedure-runs", "skipped"], retry: false, queryFn: () => body(api.GET("/api/v1/procedure-runs", { params: { query: { shown: "skipped" } } })) });
  if (found.isError) return <Refused error={found.error} />;
  if (found.data === undefined || found.data.items.length === 0) return null;
  return (
    <section className="card" data-testid="skipped-steps">
      <h2>{t("procedures.skips")}</h2>
      <ul className="procedures">
        {found.data.items.map((run) => (
          <li key={run.id} data-testid={`skipped-${run.id}`}>
            <div className="procedure-head">
              <b>{run.name}</b>
              <span className="quiet">{[run.alarm === null ? t("procedures.of.incident", { id: run.incident ?? 0 }) : t("procedures.of.alarm", { id: run.alarm }), run.area_name, time(run.started_at)].join(" · ")}</span>
              <span className="grow" />
              {manages && (
                <ActButton size="small" data-testid={`review-${run.id}`} act={() => review(run).then(() => queries.invalidateQueries({ queryKey: ["procedure-runs"] }))}>
                  {t("procedures.review")}
                </ActButton>
              )}
            </div>
            {run.entries
              .filter((one) => one.outcome === "skipped")
              .map((one) => (
                <p key={one.ordinal}>
                  {one.text} — {one.note} <span className="quiet">{one.by}</span>
                </p>
              ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
