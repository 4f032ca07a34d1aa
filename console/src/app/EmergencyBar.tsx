import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { api, body, type Schemas } from "../api-client/client";
import { useAreaNames } from "../ui/AreaSelect";
import { useWords } from "../ui/language";
import { useMay } from "../ui/signed-in";
import { useTime } from "../ui/time";

type Emergency = Schemas["EmergencyShape"];

/** One's own emergency accesses and those that one is to know of: as supervisor or commander of the area, or in its audit office. */
export function useEmergencies(): Emergency[] {
  const may = useMay();
  const enabled = may("open-ticket") || may("judge-emergency") || may("manage-people");
  return useQuery({ queryKey: ["emergencies"], enabled, queryFn: () => body(api.GET("/api/v1/emergencies")) }).data?.items ?? [];
}

/** What waits for oneself: a report that one owes, a verdict on somebody else's access, what follows from one that was not justified. */
export function waitsFor(one: Emergency, judges: boolean, restores: boolean): boolean {
  if (one.mine) return one.state === "report-due";
  return (judges && one.state === "verdict-due") || (restores && one.suspends);
}

/** While danger to life keeps an area open: a red frame around everything for whoever looks, a line for supervisors and auditors (A58). */
export function EmergencyBar() {
  const { t } = useWords();
  const time = useTime();
  const areaName = useAreaNames();
  const all = useEmergencies();
  const now = useNow(all.some((one) => one.state === "open"));
  const running = all.filter((one) => one.state === "open" && Date.parse(one.ends_at) > now);
  const own = running.find((one) => one.mine);
  const due = all.find((one) => one.mine && one.report === "" && one.verdict === "" && Date.parse(one.ends_at) <= now);
  const suspended = all.filter((one) => one.suspends);
  const closed = suspended.find((one) => one.mine);
  return (
    <>
      {closed !== undefined && (
        <div className="banner" role="alert" data-testid="access-suspended">
          {t("emergency.bar.suspended", { note: closed.note, judge: closed.judge })} <Link to="/emergencies">{t("emergency.bar.open")}</Link>
        </div>
      )}
      {suspended
        .filter((one) => !one.mine)
        .map((one) => (
          <div key={one.id} className="banner" role="status" data-testid="suspended-told">
            ▲ {t("emergency.bar.unjustified", { number: one.id, name: one.name })} <Link to="/emergencies">{t("emergency.bar.open")}</Link>
          </div>
        ))}
      {own !== undefined && (
        <>
          <div className="emergency-frame" aria-hidden data-testid="emergency-frame" />
          <div className="emergency-bar" role="alert" data-testid="emergency-bar">
            <b>▲ {t("emergency.bar", { area: areaName(own.area), left: left(Date.parse(own.ends_at) - now) })}</b> {t("emergency.bar.rules")} <Link to="/emergencies">{t("emergency.bar.open")}</Link>
          </div>
        </>
      )}
      {due !== undefined && (
        <div className="banner" role="alert" data-testid="report-due">
          {t(due.late ? "emergency.bar.late" : "emergency.bar.report", { due: time(due.report_due) })} <Link to="/emergencies">{t("emergency.bar.write")}</Link>
        </div>
      )}
      {running
        .filter((one) => !one.mine)
        .map((one) => (
          <div key={one.id} className="banner" role="status" data-testid="emergency-told">
            ▲ {t("emergency.bar.told", { name: one.name, area: areaName(one.area), danger: t(`emergency.danger.${one.danger as Schemas["Danger"]}`), until: time(one.ends_at) })} <Link to="/emergencies">{t("emergency.bar.open")}</Link>
          </div>
        ))}
    </>
  );
}

function useNow(ticks: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!ticks) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [ticks]);
  return now;
}

const left = (ms: number) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;
