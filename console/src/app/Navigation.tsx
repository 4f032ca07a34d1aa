import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { useWords } from "../ui/language";
import { useBadges, useViewer } from "./badges";
import { PAGES, placesFor, ROOMS, type PlainPath, type Room } from "./rooms";
import { useHere } from "./use-place";

/** Where one was last in each room: going back there is one click. */
const lastIn = new Map<Room, PlainPath>();

function Waits({ count }: { count: number }) {
  const { t } = useWords();
  if (count === 0) return null;
  return (
    <span className="badge" title={t("room.waits", { count })}>
      {count}
    </span>
  );
}

/** The rooms that the viewer has business in. A room in which one is not shows what waits on all of its pages. */
export function Rooms() {
  const { t } = useWords();
  const places = placesFor(useViewer());
  const badges = useBadges();
  const here = useHere();
  return (
    <nav className="rooms" aria-label={t("nav.label")}>
      {ROOMS.map((room) => {
        const pages = places.filter((place) => place.room === room);
        const to = (pages.find((place) => place.path === lastIn.get(room)) ?? pages[0])?.path;
        if (to === undefined) return null;
        const inside = here?.room === room;
        return (
          <Link key={room} to={to} className={inside ? "active" : ""} activeProps={{}} aria-current={inside ? "true" : undefined} data-testid={`room-${room}`}>
            {t(`room.${room}`)}
            {!inside && <Waits count={pages.reduce((sum, { badge }) => sum + (badge === undefined ? 0 : badges[badge]), 0)} />}
          </Link>
        );
      })}
    </nav>
  );
}

/** The pages of the room in which one is. */
export function RoomPages() {
  const { t } = useWords();
  const places = placesFor(useViewer());
  const badges = useBadges();
  const here = useHere();
  const { path, place: at, room } = here ?? {};
  useEffect(() => {
    if (room !== undefined && at !== undefined) lastIn.set(room, at);
  }, [room, at]);
  return (
    <>
      {room !== undefined && (
        <nav className="room-pages" aria-label={t("room.pages", { room: t(`room.${room}`) })}>
          {places
            .filter((place) => place.room === room)
            .map((place) => (
              <Link key={place.path} to={place.path} className={place.path === at ? "active" : ""} activeOptions={{ exact: true }} activeProps={{}} data-testid={place.testId}>
                {t(place.title)}
                {place.badge !== undefined && <Waits count={badges[place.badge]} />}
              </Link>
            ))}
        </nav>
      )}
      {path !== undefined && path !== at && <span className="crumb">{t(PAGES[path].title)}</span>}
    </>
  );
}
