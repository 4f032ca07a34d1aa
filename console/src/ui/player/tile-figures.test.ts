import { expect, test } from "vitest";
import { ratesOf } from "./TileFigures";

const at = (atMs: number, frames: number, bytes: number, packets: number, lost: number) => ({ atMs, frames, bytes, packets, lost });

test("rates are those between two looks, not since the beginning", () => {
  expect(ratesOf(at(0, 100, 1000, 1000, 500), at(2000, 150, 251_000, 1990, 510))).toEqual({ fps: "25", kbits: "1000", loss: "1.0" });
  expect(ratesOf(at(0, 0, 0, 0, 9), at(2000, 50, 0, 100, 9))?.loss).toBe("0");
  expect(ratesOf(at(0, 0, 0, 0, 0), at(2000, 50, 0, 100_000, 1))?.loss).toBe("<0.1");
});
test("a stream that began anew has no rates yet", () => {
  expect(ratesOf(at(0, 100, 0, 100, 0), at(2000, 5, 0, 5, 0))).toBeUndefined();
  expect(ratesOf(at(0, 100, 0, 100, 0), at(0, 105, 0, 105, 0))).toBeUndefined();
});
