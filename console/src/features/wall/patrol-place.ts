import { shownTiles, type OnWall, type Wall } from "../../ui/wall-state";

/** A tile that a round shows its stops on: what stood there before, and the stop's camera that does now. */
export interface PatrolPlace {
  at: number;
  before: OnWall | undefined;
  camera: string;
}

/** The round that is gone on this wall, 0 for none, and where; the place used last stands last. */
export interface OnPatrol {
  round: number;
  places: readonly PatrolPlace[];
}

const KEY = "fengsui.wall.patrol";
export const NO_PATROL: OnPatrol = { round: 0, places: [] };

/** As the wall itself it is kept in the browser's tab: what stood on the tile comes back also when the page was left meanwhile. */
export function keptPatrol(): OnPatrol {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as OnPatrol | null;
    return kept !== null && kept.round > 0 && Array.isArray(kept.places) ? kept : NO_PATROL;
  } catch {
    return NO_PATROL;
  }
}

export function keepPatrol(patrol: OnPatrol): void {
  if (patrol.round > 0) sessionStorage.setItem(KEY, JSON.stringify(patrol));
  else sessionStorage.removeItem(KEY);
}

/** Where the next stop's camera is shown: on the tile of the stop before, or the last one where the wall has become smaller. Pure. */
export function placed(places: readonly PatrolPlace[], wall: Wall, camera: string): readonly PatrolPlace[] {
  const at = Math.min(places.at(-1)?.at ?? wall.active, shownTiles(wall).length - 1);
  const known = places.find((one) => one.at === at);
  const mine = known !== undefined && wall.tiles[at]?.code === known.camera;
  return [...places.filter((one) => one !== known), { at, before: mine ? known.before : wall.tiles[at], camera }];
}

/** The wall with what stood there before, wherever a stop of the round still stands. Pure. */
export function putBack(places: readonly PatrolPlace[], wall: Wall): Wall {
  return places.reduce<Wall>((now, { at, before, camera }) => {
    if (now.tiles[at]?.code !== camera) return now;
    return { ...now, tiles: now.tiles.with(at, before && { ...before, id: now.next }), next: now.next + 1 };
  }, wall);
}
