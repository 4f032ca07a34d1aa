import { expect, test } from "vitest";
import { fromGcj02, shiftFrom, shiftTo, toGcj02 } from "./datum";
import { distanceM, type Place } from "./geometry";

/** The same numbers at each run. */
function* places(count: number, west: number, east: number, south: number, north: number): Generator<Place> {
  let seed = 20_261_127;
  const next = () => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  for (let at = 0; at < count; at++) yield [west + next() * (east - west), south + next() * (north - south)];
}

test.each<[Place, Place]>([
  [[121.5272106, 31.1774276], [121.531541859215, 31.17530398364597]],
  [[113.912316, 22.543847], [113.9171764808363, 22.540796131694766]],
  [[116.377817, 39.911954], [116.38404722455657, 39.91334545536069]],
])("published pairs: %j is %j in GCJ-02", (wgs, gcj) => {
  expect(distanceM(toGcj02(wgs), gcj)).toBeLessThan(0.01);
  expect(distanceM(fromGcj02(gcj), wgs)).toBeLessThan(0.01);
});
test("anywhere in China there and back is the same place to a millimetre, either way", () => {
  for (const place of places(20_000, 73.5, 135, 18, 53.5)) {
    expect(distanceM(fromGcj02(toGcj02(place)), place)).toBeLessThan(0.001);
    expect(distanceM(toGcj02(fromGcj02(place)), place)).toBeLessThan(0.001);
  }
});
test("in Guizhou the shift is some hundred metres, and neighbours stay neighbours", () => {
  for (const place of places(2_000, 103.6, 109.6, 24.6, 29.25)) {
    const far = distanceM(place, toGcj02(place));
    expect(far).toBeGreaterThan(100);
    expect(far).toBeLessThan(900);
    const beside: Place = [place[0] + 0.001, place[1]];
    expect(Math.abs(distanceM(toGcj02(place), toGcj02(beside)) - distanceM(place, beside))).toBeLessThan(1);
  }
});
test("outside China nothing is shifted, nor on maps in WGS-84 and CGCS2000", () => {
  for (const place of [[2.35, 48.85], [-74, 40.7], [151.2, -33.9]] as Place[]) {
    expect(toGcj02(place)).toEqual(place);
    expect(fromGcj02(place)).toEqual(place);
  }
  for (const datum of ["WGS-84", "CGCS2000"] as const) {
    expect(shiftTo(datum)([106.7, 26.6])).toEqual([106.7, 26.6]);
    expect(shiftFrom(datum)([106.7, 26.6])).toEqual([106.7, 26.6]);
  }
});
