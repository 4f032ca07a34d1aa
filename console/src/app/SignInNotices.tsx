import { useContext } from "react";
import { useWords } from "../ui/language";
import { SignedIn } from "../ui/signed-in";

/** What one should know of one's own sign-in, until one has put it away. It takes its own room: no picture lies below it. */
export function SignInNotices() {
  const { t } = useWords();
  const { notices = [], putAway } = useContext(SignedIn) ?? {};
  return notices.map(({ about, what }) => (
    <div key={about} className="banner closable" role="alert" data-testid={`notice-${about}`}>
      <span>
        ◆ <b>{about === "cut" ? t("signIn.cut", { places: what }) : t("signIn.newFactor", { what })}</b> {t(about === "cut" ? "signIn.cut.help" : "signIn.newFactor.help")}
      </span>
      <button title={t("notice.close")} aria-label={t("notice.close")} onClick={() => putAway?.(about)}>
        ✕
      </button>
    </div>
  ));
}
