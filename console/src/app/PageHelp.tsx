import { useEffect, useState } from "react";
import { GuideLink } from "../ui/GuideLink";
import { useWords } from "../ui/language";
import { RoomPages } from "./Navigation";
import { PAGES } from "./rooms";
import { useHere } from "./use-place";

const KEY = "fengsui.page-help";
/** A phone has no room for it until it is asked for. */
const ROOMY_PX = 700;

/** The pages of the room, and what the open one is: two lines that can be put away, and its place in the guide. */
export function PageBar() {
  const { t } = useWords();
  const here = useHere();
  const [open, setOpen] = useState(() => (localStorage.getItem(KEY) ?? (window.innerWidth > ROOMY_PX ? "open" : "closed")) === "open");
  const turn = (wanted: boolean) => {
    localStorage.setItem(KEY, wanted ? "open" : "closed");
    setOpen(wanted);
  };
  const page = here === undefined ? undefined : PAGES[here.path];
  const title = page === undefined ? undefined : t(page.title);
  useEffect(() => {
    document.title = title === undefined ? t("product") : `${title} · ${t("product")}`;
  }, [title, t]);
  return (
    <div className="page-bar">
      <div className="page-line">
        <RoomPages />
        <span className="grow" />
        {page !== undefined && (
          <>
            <button className="help-turn" aria-expanded={open} aria-controls="page-help" data-testid="page-help-turn" onClick={() => turn(!open)}>
              {t("help.open")}
            </button>
            <GuideLink place={page.guide} />
          </>
        )}
      </div>
      {page !== undefined && open && (
        <aside id="page-help" className="page-help" aria-label={t("help.what")} data-testid="page-help">
          <p>{t(page.help)}</p>
          <button title={t("help.close")} aria-label={t("help.close")} data-testid="page-help-close" onClick={() => turn(false)}>
            ✕
          </button>
        </aside>
      )}
    </div>
  );
}
