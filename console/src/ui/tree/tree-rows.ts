import type { Area } from "../../api-client/client";
import type { Folder } from "./folders";

/** The tree as a list of rows that is never written out: areas, and blocks of cameras of which only the number is known. Pure. */
export interface AreaRow {
  kind: "area";
  area: Area;
  open: boolean;
  depth: number;
}

export interface CameraRow {
  kind: "camera";
  /** Empty: of a search. */
  area: string;
  at: number;
  depth: number;
}

/** Favourites or a group, above the areas. */
export interface FolderRow {
  kind: "folder";
  folder: Folder;
  open: boolean;
  depth: 0;
}

export interface KeptRow {
  kind: "kept";
  folder: Folder;
  at: number;
  depth: 1;
}

/** An area that a search found: chosen, it opens in the tree. */
export interface FoundAreaRow {
  kind: "found-area";
  area: Area;
  /** Names of the areas above it. */
  above: string;
  depth: 0;
}

/** Further areas that were found, until somebody asks for them. */
export interface MoreAreasRow {
  kind: "more-areas";
  count: number;
  depth: 0;
}

export type Row = AreaRow | CameraRow | FolderRow | KeptRow | FoundAreaRow | MoreAreasRow;
type Block = CameraRow | KeptRow;

type Segment = { from: number; count: 1; row: Exclude<Row, Block> } | { from: number; count: number; row: Block };
const isBlock = (row: Row): row is Block => row.kind === "camera" || row.kind === "kept";

export interface TreeRows {
  count: number;
  segments: readonly Segment[];
}

/** A small county is open from the start, with all that is in it; a large one, and its units, when it is asked for. */
const OPEN_UP_TO = 200;
const COUNTY = 6;

export function opensByItself(area: Area, county: Area | undefined = area): boolean {
  return area.code.length < COUNTY || (county?.cameras_total ?? 0) <= OPEN_UP_TO;
}

const depthOf = (code: string) => code.length / 2 - 1;

/** `toggled`: areas and folders that the user opened (true) or closed (false); a folder is closed from the start. */
export function treeRows(areas: readonly Area[], toggled: ReadonlyMap<string, boolean>, folders: readonly Folder[] = []): TreeRows {
  const counties = new Map(areas.filter(({ code }) => code.length === COUNTY).map((area) => [area.code, area]));
  const open = new Map(areas.map((area) => [area.code, toggled.get(area.code) ?? opensByItself(area, counties.get(area.code.slice(0, COUNTY)))]));
  const segments: Segment[] = [];
  let count = 0;
  for (const folder of folders) {
    const isOpen = toggled.get(folder.id) ?? false;
    segments.push({ from: count++, count: 1, row: { kind: "folder", folder, open: isOpen, depth: 0 } });
    if (!isOpen || folder.cameras.length === 0) continue;
    segments.push({ from: count, count: folder.cameras.length, row: { kind: "kept", folder, at: 0, depth: 1 } });
    count += folder.cameras.length;
  }
  for (const area of areas) {
    if (!seen(area.parent, open)) continue;
    const isOpen = open.get(area.code) ?? false;
    const depth = depthOf(area.code);
    segments.push({ from: count++, count: 1, row: { kind: "area", area, open: isOpen, depth } });
    if (!isOpen || area.cameras_here === 0) continue;
    segments.push({ from: count, count: area.cameras_here, row: { kind: "camera", area: area.code, at: 0, depth: depth + 1 } });
    count += area.cameras_here;
  }
  return { count, segments };
}

function seen(parent: string, open: ReadonlyMap<string, boolean>): boolean {
  for (let code = parent; code !== ""; code = code.slice(0, -2)) if (open.get(code) === false) return false;
  return true;
}

/** So many areas stand before the cameras that were found; the others on demand. */
const AREAS_FIRST = 5;

/** What a search found: areas, then the cameras in one flat block. `nameOf`: of the areas above those found. */
export function foundRows(total: number, areas: readonly Area[] = [], allAreas = false, nameOf: (code: string) => string = (code) => code): TreeRows {
  const listed = allAreas || areas.length === AREAS_FIRST + 1 ? areas : areas.slice(0, AREAS_FIRST);
  const above = (code: string) => Array.from({ length: code.length / 2 - 1 }, (_, at) => nameOf(code.slice(0, 2 * at + 2))).join(" › ");
  const segments: Segment[] = listed.map((area, at) => ({ from: at, count: 1, row: { kind: "found-area", area, above: above(area.code), depth: 0 } }));
  if (listed.length < areas.length) segments.push({ from: segments.length, count: 1, row: { kind: "more-areas", count: areas.length - listed.length, depth: 0 } });
  const from = segments.length;
  if (total > 0) segments.push({ from, count: total, row: { kind: "camera", area: "", at: 0, depth: 0 } });
  return { count: from + total, segments };
}

export function rowAt({ segments }: TreeRows, index: number): Row | undefined {
  let low = 0;
  let high = segments.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const segment = segments[middle];
    if (segment === undefined) return undefined;
    if (index < segment.from) high = middle - 1;
    else if (index >= segment.from + segment.count) low = middle + 1;
    else return isBlock(segment.row) ? { ...segment.row, at: index - segment.from } : segment.row;
  }
  return undefined;
}

/** The area row that a row stands under. */
export function parentOf(rows: TreeRows, index: number): number {
  const row = rowAt(rows, index);
  if (row === undefined || row.kind === "folder" || row.kind === "found-area" || row.kind === "more-areas") return index;
  if (row.kind === "kept") return rows.segments.find((segment) => segment.row.kind === "folder" && segment.row.folder.id === row.folder.id)?.from ?? index;
  const parent = row.kind === "camera" ? row.area : row.area.parent;
  return rows.segments.find((segment) => segment.row.kind === "area" && segment.row.area.code === parent)?.from ?? index;
}
