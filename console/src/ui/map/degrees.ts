import { addProtocol } from "maplibre-gl";
import type { Schemas } from "../../api-client/client";

/** Tiles that their server cuts by degrees of longitude and latitude, drawn anew into the tiles of Web Mercator that the map has. */
export type TileLayer = Schemas["MapLayer"];
type Grid = Schemas["DegreeGrid"];

const PROTOCOL = "degrees";
/** Rows of a tile that are drawn as one: within so few the latitude goes evenly, to a twentieth of a pixel at zoom 3. */
const STRIP_PX = 16;
/** Tiles of a server that are kept: two of the map's share each. */
const KEPT = 64;

/** A tile of the server, and what of the world it shows in degrees. */
export interface Piece {
  level: number;
  column: number;
  row: number;
  west: number;
  south: number;
  east: number;
  north: number;
}

/** The longitude of a place across the world's square, 0 to 1. */
const longitudeAt = (x: number) => x * 360 - 180;
/** The latitude of a place down the world's square, 0 to 1 (spherical Mercator). */
export const latitudeAt = (y: number) => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;
const downAt = (latitude: number) => (1 - Math.asinh(Math.tan((latitude * Math.PI) / 180)) / Math.PI) / 2;

/** How many zooms of the map lie below the server's level 0. */
const zoomsBefore = ({ first_tile_deg }: Grid) => Math.log2(360 / first_tile_deg);

/** Zooms of the map for which the server has tiles as fine. */
export function zoomsOf(grid: Grid, { min_zoom, max_zoom }: Pick<TileLayer, "min_zoom" | "max_zoom">): { minzoom: number; maxzoom: number } {
  const before = zoomsBefore(grid);
  return { minzoom: Math.max(0, Math.ceil(min_zoom + before)), maxzoom: Math.max(0, Math.floor(max_zoom + before)) };
}

/** The server's tiles that lie under one of the map's, as fine as it or finer. Pure. */
export function piecesOf(layer: TileLayer, grid: Grid, z: number, x: number, y: number): Piece[] {
  const level = Math.min(layer.max_zoom, Math.max(layer.min_zoom, Math.ceil(z - zoomsBefore(grid) - 1e-9)));
  const side = grid.first_tile_deg / 2 ** level;
  const down = layer.from_below ? 1 : -1;
  const tiles = 2 ** z;
  const [west, east] = [longitudeAt(x / tiles), longitudeAt((x + 1) / tiles)];
  const [north, south] = [latitudeAt(y / tiles), latitudeAt((y + 1) / tiles)];
  /** Every tile that has more than an edge in common with a span, counted from the corner. */
  const over = (from: number, to: number) => {
    const first = Math.max(0, Math.floor(Math.min(from, to) / side + 1e-9));
    const last = Math.ceil(Math.max(from, to) / side - 1e-9) - 1;
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  };
  const columns = over(west - grid.west, east - grid.west);
  const rows = over((north - grid.edge) * down, (south - grid.edge) * down);
  return rows.flatMap((row) => {
    const [one, other] = [grid.edge + down * row * side, grid.edge + down * (row + 1) * side];
    return columns.map((column) => ({ level, column, row, west: grid.west + column * side, east: grid.west + (column + 1) * side, south: Math.min(one, other), north: Math.max(one, other) }));
  });
}

/** The server's address of one of its tiles. */
export function addressOf({ templates }: TileLayer, piece: Piece): string {
  const said: Record<string, number> = { z: piece.level, x: piece.column, y: piece.row, west: piece.west, south: piece.south, east: piece.east, north: piece.north };
  const template = templates[(piece.column + piece.row) % templates.length] ?? "";
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(said[name] ?? whole));
}

/** Part of a picture, and where it goes: `from` and `to` in pixels down. */
export interface Strip {
  from: number;
  height: number;
  to: number;
  rows: number;
}

/** How a piece of `pxHigh` pixels is drawn into the map's tile of `px`, strip by strip. Pure. */
export function stripsOf({ north, south }: Piece, pxHigh: number, z: number, y: number, px: number): Strip[] {
  const tiles = 2 ** z;
  const rowOf = (latitude: number) => Math.round((downAt(latitude) * tiles - y) * px);
  const lineOf = (row: number) => Math.min(pxHigh, Math.max(0, ((north - latitudeAt((y + row / px) / tiles)) / (north - south)) * pxHigh));
  const [first, last] = [Math.max(0, rowOf(Math.min(north, 89.9))), Math.min(px, rowOf(Math.max(south, -89.9)))];
  const strips: Strip[] = [];
  for (let to = first; to < last; to += STRIP_PX) {
    const rows = Math.min(STRIP_PX, last - to);
    const from = lineOf(to);
    strips.push({ from, height: Math.max(0.01, lineOf(to + rows) - from), to, rows });
  }
  return strips;
}

/** The library takes a tile that is not there for no fault when its error says so. */
class NoTile extends Error {
  constructor(readonly status: number) {
    super(`the map's server answered ${status}`);
  }
}

const kept = new Map<string, Promise<ImageBitmap>>();

async function fetched(address: string): Promise<ImageBitmap> {
  const answer = await fetch(address, { mode: "cors", credentials: "omit" });
  if (!answer.ok) throw new NoTile(answer.status);
  return createImageBitmap(await answer.blob());
}

/** A tile of the server; one that did not come is asked for anew the next time. */
function tile(address: string): Promise<ImageBitmap> {
  const known = kept.get(address) ?? fetched(address);
  kept.delete(address);
  kept.set(address, known);
  known.catch(() => kept.delete(address));
  for (const old of kept.keys()) {
    if (kept.size <= KEPT) break;
    kept.delete(old);
  }
  return known;
}

async function drawn(layer: TileLayer, grid: Grid, z: number, x: number, y: number): Promise<ImageBitmap> {
  const px = layer.tile_px;
  const canvas = new OffscreenCanvas(px, px);
  const paint = canvas.getContext("2d");
  const pieces = piecesOf(layer, grid, z, x, y);
  const pictures = await Promise.all(pieces.map((piece) => tile(addressOf(layer, piece))));
  const columnOf = (longitude: number) => Math.round((((longitude + 180) / 360) * 2 ** z - x) * px);
  pieces.forEach((piece, at) => {
    const picture = pictures[at];
    if (picture === undefined) return;
    const [left, right] = [columnOf(piece.west), columnOf(piece.east)];
    for (const { from, height, to, rows } of stripsOf(piece, picture.height, z, y, px)) paint?.drawImage(picture, 0, from, picture.width, height, left, to, right - left, rows);
  });
  return canvas.transferToImageBitmap();
}

/** The address by which the map asks for tiles of the layer at that place of the list. */
export const degreesAddress = (at: number) => `${PROTOCOL}://${at}/{z}/{x}/{y}`;

/** From now on these layers' tiles are drawn for the map. */
export function serveDegrees(layers: readonly TileLayer[]): void {
  addProtocol(PROTOCOL, async ({ url }) => {
    const [at = 0, z = 0, x = 0, y = 0] = url.slice(`${PROTOCOL}://`.length).split("/").map(Number);
    const layer = layers[at];
    if (layer?.degrees == null) throw new NoTile(404);
    return { data: await drawn(layer, layer.degrees, z, x, y) };
  });
}
