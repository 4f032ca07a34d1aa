import { expect, test } from "vitest";
import { addressOf, latitudeAt, piecesOf, stripsOf, zoomsOf, type TileLayer } from "./degrees";

const TIANDITU = { west: -180, edge: 90, first_tile_deg: 360 };
const layer = (facts: Partial<TileLayer> = {}): TileLayer => ({ degrees: TIANDITU, templates: ["http://map.cn/{z}/{y}/{x}"], tile_px: 256, min_zoom: 1, max_zoom: 18, from_below: false, ...facts });
/** The map's tile at a place. */
const tileAt = (z: number, longitude: number, latitude: number): [number, number] => {
  const angle = (latitude * Math.PI) / 180;
  return [Math.floor(((longitude + 180) / 360) * 2 ** z), Math.floor(((1 - Math.asinh(Math.tan(angle)) / Math.PI) / 2) * 2 ** z)];
};

test("the pieces of a tile cover it, and each is as wide as the server cuts it", () => {
  const [x, y] = tileAt(14, 106.63, 26.65);
  const pieces = piecesOf(layer(), TIANDITU, 14, x, y);
  expect(pieces.map(({ level, column }) => [level, column])).toEqual(pieces.map(() => [14, x]));
  expect(Math.max(...pieces.map(({ north }) => north))).toBeGreaterThanOrEqual(latitudeAt(y / 2 ** 14));
  expect(Math.min(...pieces.map(({ south }) => south))).toBeLessThanOrEqual(latitudeAt((y + 1) / 2 ** 14));
  expect(pieces.some(({ south, north, west, east }) => south <= 26.65 && north > 26.65 && west <= 106.63 && east > 106.63)).toBe(true);
  expect(pieces.length).toBeLessThanOrEqual(2);
});

test.each([
  ["a grid whose level 0 has two tiles is one level behind", { first_tile_deg: 180 }, false, 9],
  ["rows from below begin at the south pole", { edge: -90 }, true, 10],
  ["a grid that halves no zoom of the map evenly takes the next finer level", { west: 0, edge: 0, first_tile_deg: 512 }, true, 11],
] as const)("%s", (_, facts, from_below, level) => {
  const grid = { ...TIANDITU, ...facts };
  const one = layer({ degrees: grid, from_below });
  const [x, y] = tileAt(10, 106.63, 26.65);
  const pieces = piecesOf(one, grid, 10, x, y);
  expect(new Set(pieces.map((piece) => piece.level))).toEqual(new Set([level]));
  expect(pieces.some(({ south, north, west, east }) => south <= 26.65 && north > 26.65 && west <= 106.63 && east > 106.63)).toBe(true);
  for (const { column, row, south, north, west, east } of pieces) {
    const side = grid.first_tile_deg / 2 ** level;
    expect(west).toBeCloseTo(grid.west + column * side, 9);
    expect(from_below ? south : north).toBeCloseTo(grid.edge + (from_below ? row : -row) * side, 9);
    expect([north - south, east - west].map((one) => one.toFixed(9))).toEqual([side.toFixed(9), side.toFixed(9)]);
  }
});

test("zooms of the map are those for which the server has tiles", () => {
  expect(zoomsOf(TIANDITU, layer())).toEqual({ minzoom: 1, maxzoom: 18 });
  expect(zoomsOf({ ...TIANDITU, first_tile_deg: 180 }, { min_zoom: 0, max_zoom: 17 })).toEqual({ minzoom: 1, maxzoom: 18 });
  expect(zoomsOf({ ...TIANDITU, first_tile_deg: 512 }, { min_zoom: 1, max_zoom: 18 })).toEqual({ minzoom: 1, maxzoom: 17 });
});

test("a server is asked by numbers, or by the corners in degrees", () => {
  const [piece] = piecesOf(layer(), TIANDITU, 2, 3, 1);
  expect(piece).toEqual({ level: 2, column: 3, row: 0, west: 90, south: 0, east: 180, north: 90 });
  if (piece === undefined) return;
  expect(addressOf(layer(), piece)).toBe("http://map.cn/2/0/3");
  expect(addressOf(layer({ templates: ["http://map.cn/wms?BBOX={south},{west},{north},{east}&X={other}"] }), piece)).toBe("http://map.cn/wms?BBOX=0,90,90,180&X={other}");
  expect(addressOf(layer({ templates: ["http://a/{x}", "http://b/{x}"] }), piece), "the requests are spread").toBe("http://b/3");
});

test("each row of the map's tile shows the latitude that it stands for", () => {
  for (const z of [3, 8, 16]) {
    const [x, y] = tileAt(z, 106.63, 26.65);
    const rows = new Set<number>();
    for (const piece of piecesOf(layer(), TIANDITU, z, x, y)) {
      for (const { from, height, to, rows: many } of stripsOf(piece, 256, z, y, 256)) {
        for (let row = to; row < to + many; row++) {
          const shown = piece.north - ((from + ((row + 0.5 - to) / many) * height) / 256) * (piece.north - piece.south);
          const wanted = latitudeAt((y + (row + 0.5) / 256) / 2 ** z);
          const aPixel = 360 / 2 ** z / 256;
          expect(Math.abs(shown - wanted) / aPixel, "where two pieces meet, a row is wholly of one of them").toBeLessThan(0.55);
          rows.add(row);
        }
      }
    }
    expect(rows.size).toBe(256);
  }
});
