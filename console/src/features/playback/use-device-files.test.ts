import { expect, test } from "vitest";
import { stretchesOf } from "./use-device-files";

const T0 = Date.parse("2026-11-28T02:00:00Z") * 1_000;
const min = (minutes: number) => T0 + minutes * 60e6;

test("files that overlap or touch are one stretch", () => {
  const file = (from: number, to: number) => ({ from: new Date(min(from) / 1_000).toISOString(), to: new Date(min(to) / 1_000).toISOString(), kind: "time" as const });
  expect(stretchesOf([file(30, 60), file(0, 30), file(40, 50), file(70, 80)])).toEqual([{ fromUs: min(0), toUs: min(60) }, { fromUs: min(70), toUs: min(80) }]);
});
