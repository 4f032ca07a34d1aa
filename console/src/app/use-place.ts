import { useMatches } from "@tanstack/react-router";
import { PAGES, placeOf, type PagePath, type PlainPath, type Room } from "./rooms";

/** Where one is: the page, and where it stands in the navigation. */
export interface Here {
  path: PagePath;
  place: PlainPath | undefined;
  room: Room | undefined;
}

/** Undefined where there is no such page. */
export function useHere(): Here | undefined {
  const id = useMatches({ select: (matches) => matches.at(-1)?.routeId });
  if (id === undefined || !(id in PAGES)) return undefined;
  const path = id as PagePath;
  const place = placeOf(path);
  const page = place === undefined ? undefined : PAGES[place];
  return { path, place, room: page !== undefined && "room" in page ? page.room : undefined };
}
