/** How the tiles of a wall stand. A grid is a text: rows parted by `/`, a sign for each cell, the same sign for the cells of one tile:
 *  `AAB/AAC/DEF` is one large tile and five small ones. Pure. */
export interface Box {
  column: number;
  row: number;
  width: number;
  height: number;
}

export interface Grid {
  text: string;
  columns: number;
  rows: number;
  /** Of the tiles, by their upper left corners: row by row. */
  boxes: readonly Box[];
}

export const MOST_SIDE = 8;
export const MOST_TILES = 36;
const SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-";

/** The grids with names: how many tiles each has. */
export const PRESETS = [1, 4, 6, 8, 9, 16, 25] as const;
export type Preset = (typeof PRESETS)[number];
export const LARGEST = Math.max(...PRESETS);

const even = (side: number) => gridText(side, side, []);
const PRESET_TEXTS: Record<Preset, string> = { 1: even(1), 4: even(2), 6: "AAB/AAC/DEF", 8: "AAAB/AAAC/AAAD/EFGH", 9: even(3), 16: even(4), 25: even(5) };
export const presetText = (preset: Preset): string => PRESET_TEXTS[preset];
export const presetOf = (text: string): Preset | undefined => PRESETS.find((one) => PRESET_TEXTS[one] === text);

/** Undefined for what is no grid: uneven rows, tiles that are no rectangles, too many of either. */
export function parseGrid(text: string): Grid | undefined {
  const lines = text.split("/");
  const columns = lines[0]?.length ?? 0;
  if (columns < 1 || columns > MOST_SIDE || lines.length > MOST_SIDE || lines.some((line) => line.length !== columns)) return undefined;
  const found = new Map<string, Box>();
  let cells = 0;
  lines.forEach((line, row) =>
    [...line].forEach((sign, column) => {
      const box = found.get(sign);
      if (box === undefined) return void found.set(sign, { column, row, width: 1, height: 1 });
      const right = Math.max(box.column + box.width, column + 1);
      const left = Math.min(box.column, column);
      found.set(sign, { column: left, row: box.row, width: right - left, height: row - box.row + 1 });
    }),
  );
  for (const [sign, box] of found) {
    if (!SIGNS.includes(sign)) return undefined;
    cells += box.width * box.height;
  }
  if (cells !== columns * lines.length || found.size > MOST_TILES) return undefined; // two tiles overlap where one is no rectangle
  return { text, columns, rows: lines.length, boxes: [...found.values()] };
}

/** The text of a grid with these large tiles; every other cell is a tile of its own. Of boxes that overlap the later one counts. */
export function gridText(columns: number, rows: number, large: readonly Box[]): string {
  const owner = (column: number, row: number) => large.findLastIndex((box) => column >= box.column && column < box.column + box.width && row >= box.row && row < box.row + box.height);
  const whole = (at: number, box: Box) => Array.from({ length: box.width * box.height }, (_, cell) => owner(box.column + (cell % box.width), box.row + Math.floor(cell / box.width))).every((one) => one === at);
  const signs = new Map<string, string>();
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => {
      const at = owner(column, row);
      const box = large[at];
      const key = box !== undefined && whole(at, box) ? `large ${at}` : `${column},${row}`;
      const sign = signs.get(key) ?? SIGNS[signs.size] ?? "";
      signs.set(key, sign);
      return sign;
    }).join(""),
  ).join("/");
}

/** The tile one step beside this one, in the line of its upper left corner; itself at the edge. */
export function beside(grid: Grid, at: number, dx: number, dy: number): number {
  const from = grid.boxes[at];
  if (from === undefined) return 0;
  const column = dx > 0 ? from.column + from.width : from.column + dx;
  const row = dy > 0 ? from.row + from.height : from.row + dy;
  const found = grid.boxes.findIndex((box) => column >= box.column && column < box.column + box.width && row >= box.row && row < box.row + box.height);
  return found < 0 ? at : found;
}

export const areaOf = (box: Box): string => `${box.row + 1} / ${box.column + 1} / span ${box.height} / span ${box.width}`;
