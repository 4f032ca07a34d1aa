import { expect, test } from "vitest";
import { changeOf, hostState, withoutPoint, withPoint, type Host, type Point } from "./host";

const point = (id: number, zone: string): Point => ({ id, zone, host: 1, account: "4321", site: "银行", area: "520102", area_name: "南明区", name: `点 ${zone}`, kind: "zone", camera: "", preset: null, others: [], hidden: 0, longitude: null, latitude: null, signalled_at: null, test: null, arming: null, armed: null });
const HOST: Host = { id: 1, account: "4321", protocol: "dc09", encrypted: false, site: "银行", area: "520102", area_name: "南明区", made_at: "", heard_at: "2026-11-30T08:00:00Z", supervision_s: null, interval_s: 90_000, silent: false, distrusted: false, revision: "0".repeat(16), points: [point(1, "1"), point(2, "2")], arming: null, due: null, armed: null, armed_since: null, lapse: null };
const NIGHTS = [{ days: [1, 8], from: "22:00", to: "06:00" }];

test("a host's mark says what is wrong first", () => {
  expect(hostState(HOST)).toBe("well");
  expect(hostState({ ...HOST, heard_at: null })).toBe("never");
  const tested = [{ ...point(1, "1"), test: { until: "", begun_at: "", reason: "x", by: "y" } }];
  expect(hostState({ ...HOST, points: tested })).toBe("tested");
  expect(hostState({ ...HOST, points: tested, lapse: "LATE" })).toBe("late");
  expect(hostState({ ...HOST, lapse: "OPEN" })).toBe("opened");
  expect(hostState({ ...HOST, points: tested, silent: true, lapse: "LATE" })).toBe("silent");
  expect(hostState({ ...HOST, silent: true, distrusted: true })).toBe("distrusted");
});

test("one point is changed, added or taken away, and the others stay as they are", () => {
  const now = { zone: "9", name: "按钮", kind: "button", camera: "", others: [] } as const;
  expect(changeOf(HOST, { site: "支行" })).toMatchObject({ revision: HOST.revision, site: "支行", supervision_s: null });
  expect(withPoint(HOST, HOST.points[0], { ...now, others: [] }).points.map(({ zone }) => zone)).toEqual(["9", "2"]);
  expect(withPoint(HOST, HOST.points[0], { ...now, others: [] }).points[0], "it stays the point that it is").toMatchObject({ id: 1, zone: "9" });
  expect(withPoint(HOST, undefined, { ...now, others: [] }).points.map(({ zone }) => zone)).toEqual(["1", "2", "9"]);
  const armed = { ...HOST, arming: { hours: NIGHTS, grace_min: 15 }, points: [{ ...point(1, "1"), arming: NIGHTS }] };
  expect(withPoint(armed, undefined, { ...now, others: [] }), "and are to be armed as before").toMatchObject({ arming: armed.arming, points: [{ arming: NIGHTS }, {}] });
  expect(withoutPoint(HOST, point(1, "1")).points.map(({ zone }) => zone)).toEqual(["2"]);
});
