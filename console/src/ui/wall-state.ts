import type { StreamChoice } from "./player/stream-choice";
import { beside, MOST_TILES, parseGrid, presetText, type Grid } from "./wall-grid";

/** The wall as data, kept in the browser's tab. */
const KEY = "fengsui.wall";

export interface Shown {
  code: string;
  name: string;
  /** The camera's PTZ type as its device reports it (GB/T 28181 A.2.1.9). */
  ptz?: number;
  /** Which of its streams the operator wants; by the tile's size where nothing is said. */
  stream?: StreamChoice;
  /** It stands on a shared view, and is beyond this person's right, or there no more: neither code nor name is known. */
  lack?: "refused" | "gone";
}

/** A camera on the wall. `id`: of this showing, so that a picture that moves to another tile goes on. */
export interface OnWall extends Shown {
  id: number;
}

/** What was dropped on a tile; undefined when it is no camera. */
export function droppedCamera(text: string): Shown | undefined {
  try {
    const found = JSON.parse(text) as Partial<Shown> | null;
    return typeof found?.code === "string" && typeof found.name === "string" ? { code: found.code, name: found.name, ptz: found.ptz ?? 0 } : undefined;
  } catch {
    return undefined;
  }
}

export interface Wall {
  grid: string;
  tiles: (OnWall | undefined)[];
  active: number;
  /** The tile that always shows the camera chosen last, where there is one. */
  spot?: number | undefined;
  /** The id of the next camera that comes. */
  next: number;
}

/** A wall as it is saved and sent: without what is of this moment. */
export interface WallPlan {
  grid: string;
  tiles: (Shown | undefined)[];
}

export type WallAct =
  | { kind: "grid"; grid: string }
  | { kind: "show"; camera: Shown; at?: number }
  | { kind: "close"; at: number }
  | { kind: "clear" }
  | { kind: "stream"; at: number; stream: StreamChoice }
  | { kind: "select"; at: number }
  | { kind: "move"; dx: number; dy: number }
  /** The picture of one tile and that of another change places; by steps it is the active one. */
  | { kind: "swap"; from: number; to: number }
  | { kind: "carry"; dx: number; dy: number }
  | { kind: "spot"; at: number | undefined }
  | { kind: "load"; wall: Wall };

const FOUR = presetText(4);
export const emptyWall: Wall = { grid: FOUR, tiles: Array<undefined>(MOST_TILES).fill(undefined), active: 0, next: 1 };

export function gridOf(wall: { grid: string }): Grid {
  const found = parseGrid(wall.grid) ?? parseGrid(FOUR);
  if (found === undefined) throw new Error("the first grid is none");
  return found;
}

/** What is on the wall now: as many as it has tiles. */
export const shownTiles = (wall: Wall): (OnWall | undefined)[] => wall.tiles.slice(0, gridOf(wall).boxes.length);

/** A camera goes to the tile dropped on, else the active one if free, else the first free one, else the active one; the spot is left to itself. */
function show(wall: Wall, camera: Shown, wanted: number | undefined): Wall {
  const visible = shownTiles(wall);
  const there = visible.findIndex((tile, at) => tile?.code === camera.code && at !== wall.spot);
  if (there >= 0 && wanted === undefined) return { ...wall, active: there };
  const isFree = (at: number) => at !== wall.spot && visible[at] === undefined;
  const free = isFree(wall.active) ? wall.active : visible.findIndex((_, at) => isFree(at));
  const unfree = wall.active === wall.spot ? visible.findIndex((_, at) => at !== wall.spot) : wall.active;
  const at = wanted ?? (free >= 0 ? free : Math.max(0, unfree));
  return { ...wall, tiles: wall.tiles.with(at, { ...camera, id: wall.next }), active: at, next: wall.next + 1, spot: at === wall.spot ? undefined : wall.spot };
}

function swap(wall: Wall, from: number, to: number): Wall {
  if (from === to) return wall;
  const spot = wall.spot === from ? to : wall.spot === to ? from : wall.spot;
  return { ...wall, tiles: wall.tiles.with(from, wall.tiles[to]).with(to, wall.tiles[from]), active: to, spot };
}

/** The spot shows what was chosen last, in full: it is looked at. */
function followed(wall: Wall): Wall {
  const { spot, active } = wall;
  const chosen = wall.tiles[active];
  if (spot === undefined || spot === active || chosen === undefined || chosen.lack !== undefined || wall.tiles[spot]?.code === chosen.code) return wall;
  const { code, name, ptz } = chosen;
  return { ...wall, tiles: wall.tiles.with(spot, { code, name, ...(ptz === undefined ? {} : { ptz }), id: wall.next }), next: wall.next + 1 };
}

export const nextWall = (wall: Wall, act: WallAct): Wall => followed(acted(wall, act));

function acted(wall: Wall, act: WallAct): Wall {
  switch (act.kind) {
    case "grid": {
      const tiles = gridOf(act).boxes.length;
      return { ...wall, grid: act.grid, active: Math.min(wall.active, tiles - 1), spot: wall.spot !== undefined && wall.spot < tiles ? wall.spot : undefined };
    }
    case "show":
      return show(wall, act.camera, act.at);
    case "close":
      return { ...wall, tiles: wall.tiles.with(act.at, undefined), active: act.at, spot: wall.spot === act.at ? undefined : wall.spot };
    case "clear":
      return { ...wall, tiles: emptyWall.tiles };
    case "stream": {
      const tile = wall.tiles[act.at];
      return tile === undefined ? wall : { ...wall, tiles: wall.tiles.with(act.at, { ...tile, stream: act.stream }) };
    }
    case "select":
      return { ...wall, active: act.at };
    case "move":
      return { ...wall, active: beside(gridOf(wall), wall.active, act.dx, act.dy) };
    case "swap":
      return swap(wall, act.from, act.to);
    case "carry":
      return swap(wall, wall.active, beside(gridOf(wall), wall.active, act.dx, act.dy));
    case "spot":
      return { ...wall, spot: act.at };
    case "load":
      return act.wall;
  }
}

/** The wall of a plan; ids go on from those of `before`, so that no picture of it is taken for one of the new. */
export function wallOf(plan: WallPlan, before: Wall = emptyWall): Wall {
  let next = before.next;
  const tiles = Array.from({ length: MOST_TILES }, (_, at) => {
    const tile = plan.tiles[at];
    return tile === undefined ? undefined : { ...tile, id: next++ };
  });
  return { grid: gridOf(plan).text, tiles, active: 0, next };
}

export function planOf(wall: Wall): WallPlan {
  return {
    grid: wall.grid,
    tiles: shownTiles(wall).map((tile, at) => {
      if (tile === undefined || tile.lack !== undefined || at === wall.spot) return undefined;
      const { code, name, ptz, stream } = tile;
      return { code, name, ...(ptz === undefined ? {} : { ptz }), ...(stream === undefined ? {} : { stream }) };
    }),
  };
}

/** The wall as it was left in this tab. `name`: of the window, where it is one of several. */
export function keptWall(name = ""): Wall {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY + name) ?? "null") as Wall | null;
    if (kept === null || parseGrid(kept.grid) === undefined) return emptyWall;
    return { ...kept, tiles: emptyWall.tiles.map((_, at) => kept.tiles[at] ?? undefined) };
  } catch {
    return emptyWall;
  }
}

export function keepWall(wall: Wall, name = ""): void {
  sessionStorage.setItem(KEY + name, JSON.stringify(wall));
}
