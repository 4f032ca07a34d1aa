import { expect, test, vi } from "vitest";
import { eventually } from "../eventually";
import { KeptPictures, Peeks, type Peeked } from "./peeks";
import type { Answer } from "./pieces";

const PERIOD = { fromUs: 0, toUs: 100e6 };
const gap = (number: number): Answer => ({ number, way: "peek", next_us: 0, ended: true, bytes: 0, pieces: [{ kind: "gap", from_us: 0, to_us: 50e6 }] });
const NOTHING = new ArrayBuffer(0);

test("of the instants that a pointer passed the newest alone is asked for, and told", async () => {
  const asked: [number, number][] = [];
  const peeks = new Peeks(PERIOD, (number, atUs) => asked.push([number, atUs]) > 0);
  const told: [number, Peeked][] = [];
  for (const at of [1e6, 2e6, 3e6]) peeks.want(at, (peeked) => told.push([at, peeked]));
  expect(asked).toEqual([[1, 1e6]]);
  peeks.learn(gap(1), NOTHING);
  await eventually(() => expect(asked).toEqual([[1, 1e6], [2, 3e6]]));
  expect(told).toEqual([]);
  peeks.learn(gap(1), NOTHING); // an answer that comes late is nobody's
  peeks.learn(gap(2), NOTHING);
  await eventually(() => expect(told).toEqual([[3e6, { kind: "missing" }]]));
});
test("what a second tier does not give is told as such, and not as a gap", async () => {
  const peeks = new Peeks(PERIOD, () => true);
  const told: Peeked[] = [];
  peeks.want(1e6, (peeked) => told.push(peeked));
  peeks.learn({ ...gap(1), pieces: [{ kind: "away", from_us: 0, to_us: 2e6 }] }, NOTHING);
  await eventually(() => expect(told).toEqual([{ kind: "away" }]));
});
test("what lies in a list is looked at in its order, after what the pointer is on, unless it is taken back", async () => {
  const asked: number[] = [];
  const peeks = new Peeks(PERIOD, (_, atUs) => asked.push(atUs) > 0);
  const told: number[] = [];
  const takenBack = [10e6, 20e6, 30e6].map((at) => peeks.later(at, () => told.push(at)))[1];
  peeks.want(5e6, () => told.push(5e6));
  takenBack?.();
  for (let number = 1; number <= 3; number++) {
    await eventually(() => expect(asked).toHaveLength(number));
    peeks.learn(gap(number), NOTHING);
  }
  await eventually(() => expect(told).toEqual([10e6, 5e6, 30e6]));
  expect(asked).toEqual([10e6, 5e6, 30e6]);
});
test("outside of what is open nothing is asked for and no gap is told, and whoever has left is told nothing", async () => {
  const ask = vi.fn(() => true);
  const peeks = new Peeks(PERIOD, ask);
  const told: Peeked[] = [];
  peeks.want(200e6, (peeked) => told.push(peeked));
  await eventually(() => expect(told).toEqual([{ kind: "closed" }]));
  expect(ask).not.toHaveBeenCalled();
  peeks.want(1e6, (peeked) => told.push(peeked));
  peeks.close();
  peeks.learn(gap(1), NOTHING);
  await Promise.resolve();
  expect(told).toHaveLength(1);
});
test("pictures are kept within bounds, and let go of", () => {
  const closed: number[] = [];
  const picture = (at: number) => ({ close: () => closed.push(at) }) as unknown as ImageBitmap;
  const kept = new KeptPictures();
  for (let at = 0; at < 65; at++) kept.keep({ fromUs: at * 2e6, toUs: (at + 1) * 2e6, picture: picture(at) });
  expect(closed).toEqual([0, 1, 2, 3, 4]);
  expect(kept.at(1e6)).toBeUndefined();
  expect(kept.at(21e6)?.fromUs).toBe(20e6);
  kept.clear();
  expect(closed).toHaveLength(65);
});
