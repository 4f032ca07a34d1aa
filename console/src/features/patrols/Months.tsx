import { useQuery } from "@tanstack/react-query";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";

/** Rounds done in time, late, broken off and missed by month: a bar a month, its share in figures beside it (M25). */
export function Months({ centre }: { centre: number }) {
  const { t } = useWords();
  const found = useQuery({ queryKey: ["duty", "patrols", "figures"], retry: false, queryFn: () => body(api.GET("/api/v1/video-patrols/figures")) });
  const months = (found.data?.items ?? []).filter((one) => one.centre === centre);
  const most = Math.max(1, ...months.map((one) => one.planned));
  return (
    <section className="card" data-testid="patrol-months">
      <h2>{t("patrol.months")}</h2>
      <p className="quiet">{t("patrol.months.help")}</p>
      {found.isSuccess && months.length === 0 && <p className="quiet">{t("patrol.months.none")}</p>}
      <ul className="patrol-months">
        {months.map((one) => {
          const parts = { in_time: one.in_time, late: one.late, broken_off: one.broken_off, missed: one.missed };
          const said = t("patrol.months.said", { month: one.month, share: Math.round(one.share * 100), planned: one.planned, inTime: one.in_time, late: one.late, brokenOff: one.broken_off, missed: one.missed });
          return (
            <li key={one.month} title={said}>
              <span>{one.month}</span>
              <span className="bar" role="img" aria-label={said}>
                {Object.entries(parts).map(([part, count]) => count > 0 && <i key={part} className={part} style={{ width: `${(100 * count) / most}%` }} />)}
              </span>
              <b>{Math.round(one.share * 100)}%</b>
              <span className="quiet">
                {one.in_time}/{one.planned}
              </span>
            </li>
          );
        })}
      </ul>
      <p className="patrol-legend">
        {(["in_time", "late", "broken_off", "missed"] as const).map((part) => (
          <span key={part}>
            <i className={part} aria-hidden /> {t(`patrol.months.${part}`)}
          </span>
        ))}
      </p>
    </section>
  );
}
