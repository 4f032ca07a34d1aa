import type { StreamChoice } from "./player/stream-choice";

/** The wall as data, kept in the browser's tab. */
const KEY = "fengsui.wall";
export const LAYOUTS = [1, 4, 9, 16] as const;
export type Layout = (typeof LAYOUTS)[number];

export interface Shown {
  code: string;
  name: string;
  /** The camera's PTZ type as its device reports it (GB/T 28181 A.2.1.9). */
  ptz?: number;
  /** Which of its streams the operator wants; by the tile's size where nothing is said. */
  stream?: StreamChoice;
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
  layout: Layout;
  tiles: (Shown | undefined)[];
  active: number;
}

export type WallAct =
  | { kind: "layout"; layout: Layout }
  | { kind: "show"; camera: Shown; at?: number }
  | { kind: "close"; at: number }
  | { kind: "clear" }
  | { kind: "stream"; at: number; stream: StreamChoice }
  | { kind: "select"; at: number }
  | { kind: "move"; dx: number; dy: number };

export const emptyWall: Wall = { layout: 4, tiles: Array<undefined>(16).fill(undefined), active: 0 };

/** A camera goes to the tile dropped on, else the active one if free, else the first free one, else the active one. */
export function nextWall(wall: Wall, act: WallAct): Wall {
  const { layout, active } = wall;
  const columns = Math.sqrt(layout);
  switch (act.kind) {
    case "layout":
      return { ...wall, layout: act.layout, active: Math.min(active, act.layout - 1) };
    case "show": {
      const visible = wall.tiles.slice(0, layout);
      const there = visible.findIndex((tile) => tile?.code === act.camera.code);
      if (there >= 0 && act.at === undefined) return { ...wall, active: there };
      const free = visible[active] === undefined ? active : visible.indexOf(undefined);
      const at = act.at ?? (free >= 0 ? free : active);
      return { ...wall, tiles: wall.tiles.with(at, act.camera), active: at };
    }
    case "close":
      return { ...wall, tiles: wall.tiles.with(act.at, undefined), active: act.at };
    case "clear":
      return { ...wall, tiles: emptyWall.tiles };
    case "stream": {
      const tile = wall.tiles[act.at];
      return tile === undefined ? wall : { ...wall, tiles: wall.tiles.with(act.at, { ...tile, stream: act.stream }) };
    }
    case "select":
      return { ...wall, active: act.at };
    case "move": {
      const column = Math.min(columns - 1, Math.max(0, (active % columns) + act.dx));
      const row = Math.min(columns - 1, Math.max(0, Math.floor(active / columns) + act.dy));
      return { ...wall, active: row * columns + column };
    }
  }
}

/** The wall as it was left in this tab. */
export function keptWall(): Wall {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Wall | null;
    return kept !== null && LAYOUTS.includes(kept.layout) ? { ...kept, tiles: kept.tiles.map((tile) => tile ?? undefined) } : emptyWall;
  } catch {
    return emptyWall;
  }
}

export function keepWall(wall: Wall): void {
  sessionStorage.setItem(KEY, JSON.stringify(wall));
}
