import { useQuery } from "@tanstack/react-query";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { SiteBadge } from "../../ui/SiteBadge";
import { SiteContacts } from "../../ui/SiteContacts";
import type { Alarm } from "./queue";
import { SitePlans } from "./SitePlans";

/** The protected place that the alarm comes from: whom to call, what whoever goes there minds, what is done. */
export function SiteCard({ alarm }: { alarm: Alarm }) {
  const { t } = useWords();
  const found = useQuery({ queryKey: ["alarms", "site", alarm.id], enabled: (alarm.site_kind ?? "") !== "", retry: false, queryFn: () => body(api.GET("/api/v1/alarms/{alarm_id}/site", { params: { path: { alarm_id: alarm.id } } })) });
  if (found.isError) return <Refused error={found.error} />;
  const site = found.data?.site ?? undefined;
  if (site === undefined) return null;
  return (
    <section className={site.plans.length > 0 ? "alarm-site with-plan" : "alarm-site"} aria-label={t("sites.card")} data-testid="alarm-site">
      <div className="alarm-site-words">
        <header>
          <SiteBadge kind={site.kind} />
          <b>{site.name}</b>
          <span className="quiet">{site.address}</span>
        </header>
        <SiteContacts contacts={site.contacts} />
        {([["sites.note", site.note], ["sites.plan", site.plan]] as const).map(([title, text]) => text !== "" && (
          <p key={title}>
            <span className="quiet">{t(title)}</span>
            <span>{text}</span>
          </p>
        ))}
      </div>
      <SitePlans alarm={alarm.id} plans={site.plans} />
    </section>
  );
}
