import { expect, test } from "vitest";
import { en, zh } from "./texts";

test("both catalogues have the same keys and placeholders", () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
  const holders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const key of Object.keys(zh) as (keyof typeof zh)[]) expect(holders(en[key]), key).toEqual(holders(zh[key]));
});
