import { expect, test } from "vitest";
import { Unheard } from "./unheard";

const came = (id: number, priority: number, owner?: number) => ({ id, priority, work: { state: owner === undefined ? "open" : "claimed", owner: owner === undefined ? null : { id: owner, name: "" } } }) as Parameters<Unheard["among"]>[0][number];

test("what waits when the console is opened is no news", () => {
  expect(new Unheard().among([came(9, 1), came(8, 2)], true)).toBeUndefined();
});

test("after a gap the most urgent of those rings that nobody was told of and nobody has taken", () => {
  const rings = new Unheard();
  rings.among([came(5, 1)], true);
  rings.hear(6, 1);
  rings.hear(9, 1); // told behind the gap, as the node had still kept it
  expect(rings.among([came(9, 1), came(8, 3), came(7, 2), came(6, 1), came(5, 1)], true)).toBe(2);
  expect(rings.among([came(9, 1), came(8, 3), came(7, 2)], true)).toBeUndefined();
  expect(rings.among([came(11, 1, 4), { ...came(10, 1), work: null }], true)).toBeUndefined();
});

test("what was raised meanwhile rings as it is now, also what was for the record alone", () => {
  const rings = new Unheard();
  rings.among([came(9, 2), came(7, 2, 4)], true);
  expect(rings.among([came(7, 1, 4), came(9, 2)], true)).toBeUndefined(); // somebody sees to it
  expect(rings.among([came(9, 1), came(7, 1, 4)], true)).toBe(1);
  rings.hear(9, 2); // an older one, told late
  expect(rings.among([came(9, 1)], true)).toBeUndefined();
  expect(rings.among([came(9, 1), came(8, 2)], true)).toBe(2);
});

test("what stood behind the part that was read is no news when it comes into sight", () => {
  const rings = new Unheard();
  rings.among([came(9, 1), came(8, 2)], false);
  expect(rings.among([came(8, 2), came(4, 2), came(3, 3)], true)).toBeUndefined();
  expect(rings.among([came(8, 2), came(4, 2), came(2, 3)], true)).toBe(3);
});

test("a flood is not kept for ever", () => {
  const rings = new Unheard();
  rings.among([], true);
  for (let id = 1; id <= 20_001; id++) rings.hear(id, 2);
  expect(rings.among([came(20_001, 2), came(5, 2), came(20_002, 3)], true)).toBe(3);
});
