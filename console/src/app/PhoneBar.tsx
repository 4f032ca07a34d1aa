import { Link } from "@tanstack/react-router";
import { Button, Drawer } from "antd";
import { useContext, useState } from "react";
import { ActButton } from "../ui/act";
import { useWords } from "../ui/language";
import { SignedIn } from "../ui/signed-in";
import { useTheme } from "../ui/theme";
import { useBadges, useViewer } from "./badges";
import { Icon } from "./PhoneIcon";
import { placesFor, ROOMS, type Place } from "./rooms";
import { useHere } from "./use-place";
import { useSignOut } from "./use-sign-out";

/** Under the thumb: what one comes to on the street. Everything else is behind the last. */
const FIRST: readonly string[] = ["/patrol", "/", "/situation", "/duty"];

/** The way around on a phone, along the lower edge. */
export function PhoneBar() {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const places = placesFor(useViewer());
  const badges = useBadges();
  const here = useHere();
  const first = FIRST.flatMap((path) => places.find((place) => place.path === path) ?? []);
  const rest = places.filter((place) => !first.includes(place));
  const waiting = rest.reduce((sum, { badge }) => sum + (badge === undefined ? 0 : badges[badge]), 0);
  const atFirst = first.some(({ path }) => path === here?.place);
  return (
    <>
      <nav className="phone-bar" aria-label={t("nav.label")}>
        {first.map(({ path, title }) => (
          <Link key={path} to={path} className={path === here?.place ? "active" : ""} activeProps={{}} aria-current={path === here?.place ? "page" : undefined} data-testid={`phone-${path}`}>
            <Icon of={path} />
            {t(path === "/" ? "phone.cameras" : title)}
          </Link>
        ))}
        <button type="button" className={atFirst ? "" : "active"} aria-haspopup="dialog" aria-expanded={open} data-testid="phone-more" onClick={() => setOpen(true)}>
          <Icon of="more" />
          {t("phone.more")}
          {waiting > 0 && <span className="badge">{waiting}</span>}
        </button>
      </nav>
      <Drawer open={open} onClose={() => setOpen(false)} placement="bottom" size="auto" destroyOnHidden title={t("phone.more")} rootClassName="phone-drawer">
        <More places={rest} onGo={() => setOpen(false)} />
      </Drawer>
    </>
  );
}

function More({ places, onGo }: { places: Place[]; onGo: () => void }) {
  const { t, language, setLanguage } = useWords();
  const { theme, setTheme } = useTheme();
  const signedIn = useContext(SignedIn);
  const signOut = useSignOut();
  const badges = useBadges();
  return (
    <>
      {ROOMS.map((room) => {
        const pages = places.filter((place) => place.room === room);
        return (
          pages.length > 0 && (
            <section key={room}>
              <h3>{t(`room.${room}`)}</h3>
              <div className="phone-pages">
                {pages.map(({ path, title, badge }) => (
                  <Link key={path} to={path} onClick={onGo} data-testid={`phone-${path}`}>
                    {t(title)}
                    {badge !== undefined && badges[badge] > 0 && <span className="badge">{badges[badge]}</span>}
                  </Link>
                ))}
              </div>
            </section>
          )
        );
      })}
      <section>
        <h3>{signedIn?.user.name}</h3>
        <div className="phone-pages">
          <Link to="/account" onClick={onGo}>
            {t("account.title")}
          </Link>
          <Button type="text" lang={language === "en" ? "zh-CN" : "en"} onClick={() => setLanguage(language === "en" ? "zh-CN" : "en")}>
            {language === "en" ? "中文" : "English"}
          </Button>
          <Button type="text" onClick={() => setTheme(theme === "dark" ? "light" : "dark")}>
            {t(theme === "dark" ? "theme.light" : "theme.dark")}
          </Button>
          <Button type="text" onClick={signedIn?.lock}>
            {t("lock.now")}
          </Button>
          <ActButton type="text" act={signOut} data-testid="phone-sign-out">
            {t("nav.signOut")}
          </ActButton>
        </div>
      </section>
    </>
  );
}
