import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useContext } from "react";
import { api, body } from "../api-client/client";
import { ActButton } from "../ui/act";
import { useWords } from "../ui/language";
import { SignedIn, useMay } from "../ui/signed-in";
import { useTheme } from "../ui/theme";
import { Chip } from "./Chip";
import { Finding } from "./Finding";
import { LateAlarms } from "./LateAlarms";
import { NodeClock } from "./Liveness";
import { Rooms } from "./Navigation";
import { OwnShift } from "./OwnShift";
import { useSignOut } from "./use-sign-out";

/** The first row: rooms, one's own shift, what wants mending, language and theme, and oneself. */
export function Header() {
  const { t, language, setLanguage } = useWords();
  const { theme, setTheme } = useTheme();
  const signedIn = useContext(SignedIn);
  const user = signedIn?.user;
  const may = useMay();
  const policy = useQuery({ queryKey: ["policy"], queryFn: () => body(api.GET("/api/v1/policy")), enabled: may("read-audit") });
  const leave = useSignOut();
  const otherTheme = t(theme === "dark" ? "theme.light" : "theme.dark");
  return (
    <header className="top">
      <span className="brand">{t("product")}</span>
      <Rooms />
      <span className="grow" />
      <Finding />
      <NodeClock />
      <LateAlarms />
      {may("take-duty") && <OwnShift />}
      <Button type="text" size="small" data-testid="language" lang={language === "en" ? "zh-CN" : "en"} onClick={() => setLanguage(language === "en" ? "zh-CN" : "en")}>
        {language === "en" ? "中文" : "English"}
      </Button>
      <Button type="text" size="small" title={otherTheme} aria-label={otherTheme} data-testid="theme" onClick={() => setTheme(theme === "dark" ? "light" : "dark")}>
        {theme === "dark" ? "☀" : "☾"}
      </Button>
      {may("read-audit") && policy.data?.coming && <Chip to="/policy" whole={t("policy.notice", { name: policy.data.coming.name, version: policy.data.coming.version })} few={t("policy.notice.few")} testId="loosening-waits" />}
      {user?.second_factor_policy !== "required" && user?.has_second_factor === false && <Chip to="/account" whole={t(user.second_factor_policy === "off" ? "account.factorOff" : "account.noFactor")} few={t("account.noFactor.few")} help={t("account.noFactor.help")} testId="no-factor" />}
      {(user?.not_required.length ?? 0) > 0 && <Chip to="/users" whole={t("account.notRequired")} few={t("account.notRequired.few")} help={t("account.notRequired.help")} testId="not-required" />}
      <Link to="/account" title={t("account.title")} data-testid="own-account">
        {user?.name}
      </Link>
      <Button type="text" size="small" data-testid="lock-now" onClick={signedIn?.lock}>
        {t("lock.now")}
      </Button>
      <ActButton type="text" size="small" act={leave}>
        {t("nav.signOut")}
      </ActButton>
    </header>
  );
}
