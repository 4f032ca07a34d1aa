import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { Button } from "antd";
import { useContext, useEffect } from "react";
import { ApiProblem, api, body } from "../api-client/client";
import { CopyBanner } from "../features/audit/CopyBanner";
import { ActButton } from "../ui/act";
import { useWords } from "../ui/language";
import { NewsProvider, useNews } from "../ui/news";
import { useTheme } from "../ui/theme";
import { SignedIn, useMay } from "../ui/signed-in";
import { Chip } from "./Chip";
import { EmergencyBar, useEmergencies, waitsFor } from "./EmergencyBar";
import { OwnerBar } from "./OwnerBar";
import { OwnShift } from "./OwnShift";
import { SignInNotices } from "./SignInNotices";
import { EndedShift } from "./EndedShift";
import { VacantSeats } from "./VacantSeats";

const STALE: Record<string, string[]> = {
  "device.status": ["devices", "areas", "cameras"],
  "device.changed": ["devices", "areas", "cameras"],
  "camera.status": ["cameras", "areas"],
  "camera.passed": ["cameras", "areas", "devices"],
  "waiting.changed": ["waiting"],
  "catalogue.progress": ["areas", "cameras"],
  "approvals.changed": ["approvals"],
  "policy.changed": ["policy", "approvals", "owner-notices"],
  "duty.changed": ["duty"],
  "ticket.changed": ["tickets"],
  "emergency.changed": ["emergencies", "duty", "tickets"],
};

/** The node's news around navigation, the connection banner, and the page. */
export function Shell() {
  const signedIn = useContext(SignedIn);
  const signOut = signedIn?.signOut;
  const may = useMay();
  const follows = may("look-around") || may("approve") || may("read-audit");
  const askWhetherSignedIn = () =>
    void body(api.GET("/api/v1/session")).catch((error: unknown) => {
      if (error instanceof ApiProblem && error.problem.status === 401) signOut?.(error.problem);
    });
  return (
    <NewsProvider wanted={follows} onRefused={askWhetherSignedIn}>
      <Room />
    </NewsProvider>
  );
}

/** What is known of devices and cameras goes stale by the node's news. */
function useFreshness(): void {
  const queries = useQueryClient();
  const { feed, epoch } = useNews();
  useEffect(() => {
    if (epoch > 0) void queries.invalidateQueries();
  }, [queries, epoch]);
  useEffect(() => {
    const stale = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const leave = feed?.listen((event) => {
      (STALE[event.type] ?? []).forEach((key) => stale.add(key));
      if (stale.size === 0) return;
      timer ??= setTimeout(() => {
        timer = undefined; // a storm of events is one refetch
        stale.forEach((key) => void queries.invalidateQueries({ queryKey: [key] }));
        stale.clear();
      }, 500);
    });
    return () => {
      clearTimeout(timer);
      leave?.();
    };
  }, [queries, feed]);
}

function Room() {
  const { t, language, setLanguage } = useWords();
  const { theme, setTheme } = useTheme();
  const signedIn = useContext(SignedIn);
  const { connected } = useNews();
  const onCamera = useLocation({ select: ({ pathname }) => pathname.startsWith("/cameras/") });
  const may = useMay();
  const keeper = may("manage-devices");
  const looker = may("look-around");
  const mayApprove = may("approve") || may("read-audit");
  const waiting = useQuery({ queryKey: ["waiting"], queryFn: () => body(api.GET("/api/v1/waiting-devices")), enabled: keeper });
  const asked = useQuery({ queryKey: ["approvals", "badge"], queryFn: () => body(api.GET("/api/v1/approvals", { params: { query: { limit: 1 } } })), enabled: mayApprove });
  const policy = useQuery({ queryKey: ["policy"], queryFn: () => body(api.GET("/api/v1/policy")), enabled: may("read-audit") });
  const emergencies = useEmergencies();
  const owed = emergencies.filter((one) => waitsFor(one, may("judge-emergency"), may("manage-people"))).length;
  useFreshness();

  const knocking = waiting.data?.items.filter((entry) => entry.state === "waiting").length ?? 0;
  const leave = () => api.DELETE("/api/v1/session").catch(() => undefined).then(() => signedIn?.signOut());
  return (
    <div className="shell">
      <header className="top">
        <span className="brand">{t("product")}</span>
        <nav className="rooms" aria-label={t("nav.label")}>
          {may("view-live") && (
            <Link to="/" activeOptions={{ exact: true }} className={onCamera ? "active" : ""}>
              {t("nav.wall")}
            </Link>
          )}
          {(may("take-duty") || may("manage-duty") || may("open-ticket")) && (
            <Link to="/duty" data-testid="nav-duty">
              {t("nav.duty")}
            </Link>
          )}
          {may("read-duty-log") && !may("open-ticket") && (
            <Link to="/duty/log" data-testid="nav-log">
              {t("nav.log")}
            </Link>
          )}
          {may("open-ticket") && (
            <Link to="/tickets" data-testid="nav-tickets">
              {t("nav.tickets")}
            </Link>
          )}
          {may("manage-duty") && (
            <Link to="/case-numbers" data-testid="nav-numbers">
              {t("nav.numbers")}
            </Link>
          )}
          {(may("open-ticket") || may("judge-emergency") || emergencies.length > 0) && (
            <Link to="/emergencies" data-testid="nav-emergencies">
              {t("nav.emergencies")}
              {owed > 0 && <span className="badge">{owed}</span>}
            </Link>
          )}
          {looker && <Link to="/devices">{t("nav.devices")}</Link>}
          {keeper && (
            <Link to="/waiting">
              {t("nav.waiting")}
              {knocking > 0 && <span className="badge">{knocking}</span>}
            </Link>
          )}
          {looker && <Link to="/node">{t("nav.node")}</Link>}
          {may("manage-people") && <Link to="/users">{t("nav.users")}</Link>}
          {may("read-audit") && <Link to="/audit">{t("nav.audit")}</Link>}
          {mayApprove && (
            <Link to="/approvals" data-testid="nav-approvals">
              {t("nav.approvals")}
              {(asked.data?.waiting ?? 0) > 0 && <span className="badge">{asked.data?.waiting}</span>}
            </Link>
          )}
          <Link to="/policy">{t("nav.policy")}</Link>
        </nav>
        <span className="grow" />
        {may("take-duty") && <OwnShift />}
        <Button type="text" size="small" data-testid="language" lang={language === "en" ? "zh-CN" : "en"} onClick={() => setLanguage(language === "en" ? "zh-CN" : "en")}>
          {language === "en" ? "中文" : "English"}
        </Button>
        <Button type="text" size="small" title={t(theme === "dark" ? "theme.light" : "theme.dark")} aria-label={t(theme === "dark" ? "theme.light" : "theme.dark")} data-testid="theme" onClick={() => setTheme(theme === "dark" ? "light" : "dark")}>
          {theme === "dark" ? "☀" : "☾"}
        </Button>
        {may("read-audit") && policy.data?.coming && <Chip to="/policy" whole={t("policy.notice", { name: policy.data.coming.name, version: policy.data.coming.version })} few={t("policy.notice.few")} testId="loosening-waits" />}
        {signedIn?.user.second_factor_policy !== "required" && signedIn?.user.has_second_factor === false && <Chip to="/account" whole={t(signedIn.user.second_factor_policy === "off" ? "account.factorOff" : "account.noFactor")} few={t("account.noFactor.few")} help={t("account.noFactor.help")} testId="no-factor" />}
        {(signedIn?.user.not_required.length ?? 0) > 0 && <Chip to="/users" whole={t("account.notRequired")} few={t("account.notRequired.few")} help={t("account.notRequired.help")} testId="not-required" />}
        <Link to="/account" title={t("account.title")} data-testid="own-account">
          {signedIn?.user.name}
        </Link>
        <Button type="text" size="small" data-testid="lock-now" onClick={signedIn?.lock}>
          {t("lock.now")}
        </Button>
        <ActButton type="text" size="small" act={leave}>
          {t("nav.signOut")}
        </ActButton>
      </header>
      <div>
        {!connected && <div className="banner" role="alert">{t("connection.lost")}</div>}
        <SignInNotices />
        <EmergencyBar />
        <EndedShift />
        <VacantSeats />
        <OwnerBar />
        {signedIn?.user.lapses_on !== null && signedIn?.user.lapses_on !== undefined && (
          <div className="banner" role="status" data-testid="own-lapse">
            ◆ {t("lapsing.own", { day: signedIn.user.lapses_on })}
          </div>
        )}
        {(may("read-audit") || keeper) && <CopyBanner auditor={may("read-audit")} />}
      </div>
      <main className="page">
        <Outlet />
      </main>
    </div>
  );
}
