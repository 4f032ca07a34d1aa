import { Outlet } from "@tanstack/react-router";
import { useContext } from "react";
import { ApiProblem, api, body } from "../api-client/client";
import { CopyBanner } from "../features/audit/CopyBanner";
import { useWords } from "../ui/language";
import { NewsProvider, useNews } from "../ui/news";
import { SignedIn, useMay } from "../ui/signed-in";
import { usePhone } from "../ui/use-phone";
import { EmergencyBar } from "./EmergencyBar";
import { EndedShift } from "./EndedShift";
import { Header } from "./Header";
import { LiveBanner } from "./Liveness";
import { MissedPatrols } from "./MissedPatrols";
import { Notices } from "./Notices";
import { OwnerBar } from "./OwnerBar";
import { PageBar } from "./PageHelp";
import { PhoneBar } from "./PhoneBar";
import { SignInNotices } from "./SignInNotices";
import { SoundOff } from "./SoundOff";
import { useFreshness } from "./use-freshness";
import { useRinging } from "./use-ringing";
import { VacantSeats } from "./VacantSeats";

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
      <Frame />
    </NewsProvider>
  );
}

function Frame() {
  const { t } = useWords();
  const user = useContext(SignedIn)?.user;
  const { connected } = useNews();
  const may = useMay();
  const phone = usePhone();
  const auditor = may("read-audit");
  useFreshness();
  useRinging();
  return (
    <div className="shell" data-live={connected}>
      <a className="skip" href="#page">
        {t("page.skip")}
      </a>
      <Header />
      <PageBar />
      <div>
        <LiveBanner />
        <SoundOff />
        <SignInNotices />
        <EmergencyBar />
        <Notices />
        <EndedShift />
        <VacantSeats />
        <MissedPatrols />
        <OwnerBar />
        {user?.lapses_on !== null && user?.lapses_on !== undefined && (
          <div className="banner" role="status" data-testid="own-lapse">
            ◆ {t("lapsing.own", { day: user.lapses_on })}
          </div>
        )}
        {(auditor || may("manage-devices")) && <CopyBanner auditor={auditor} />}
      </div>
      <main className="page" id="page" tabIndex={-1}>
        <Outlet />
      </main>
      {phone && <PhoneBar />}
    </div>
  );
}
