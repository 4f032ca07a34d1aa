import { expect, test } from "vitest";
import { pointCounts, pointMarks, ringingMarks, whole, type AlarmPoints } from "./alarm-points";

const POINTS: AlarmPoints = {
  points: "a",
  states: "0123",
  unplaced: 1,
  ringing: [{ at: 2, alarm: 7, priority: 1, taken: false }],
  ids: [11, 12, 13, 14],
  accounts: ["1234", "1234", "1234", "5678"],
  zones: ["1", "2", "3", "1"],
  names: ["门厅", "窗", "库房", "大门"],
  sites: ["一小", "一小", "一小", "二小"],
  kinds: ["zone", "zone", "zone", "button"],
  longitudes: [106.7, 106.8, 106.9, 107],
  latitudes: [26.5, 26.6, 26.7, 26.8],
};
const NOTHING = { ids: [], accounts: [], zones: [], names: [], sites: [], kinds: [], longitudes: [], latitudes: [] };
const asIs = (place: [number, number]) => place;

test("where only what changes is told the columns of before stay; of other points none do", () => {
  const now = { ...POINTS, ...NOTHING, states: "0003", ringing: [] };
  expect(whole(POINTS, now)).toEqual({ ...POINTS, states: "0003", ringing: [] });
  expect(whole(POINTS, { ...now, points: "b" }).ids).toEqual([]);
  expect(whole(undefined, POINTS)).toBe(POINTS);
});
test("marks carry the state, those that ring their priority and whether somebody has taken it", () => {
  expect(pointMarks(POINTS, asIs).features.map(({ id, properties }) => [id, properties.s])).toEqual([[0, 0], [1, 1], [2, 2], [3, 3]]);
  expect(ringingMarks(POINTS, asIs).features.map(({ id, properties, geometry }) => [id, properties, geometry.coordinates])).toEqual([[2, { p: 1, t: 0 }, [106.9, 26.7]]]);
});
test("the legend counts each state", () => {
  expect(pointCounts(POINTS)).toEqual({ armed: 1, disarmed: 1, test: 1, silent: 1, always: 0, ringing: 1 });
});
