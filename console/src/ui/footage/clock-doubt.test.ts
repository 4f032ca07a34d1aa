import { expect, test } from "vitest";
import { clockDoubt, sameDoubt } from "./clock-doubt";
import type { Fragment } from "./pieces";

const LIMITS = { nodeS: 1, cameraS: 10 };
const FROM_US = 1_764_000_000_000_000;
const fragment = (camera_us: number | null, clock_error_us: number | null, from_device = false): Fragment => ({ kind: "fragment", from_us: FROM_US, to_us: FROM_US + 2e6, camera_us, clock_error_us, from_device, times_us: [0], bytes: 1 });

test("a camera's clock that is further off than it may be is told, ahead or behind, and no other", () => {
  for (const aheadS of [20, -20, 86_400]) expect(clockDoubt(fragment(FROM_US + aheadS * 1e6, 500), LIMITS)).toEqual({ cameraS: aheadS });
  for (const aheadS of [0, 10, -10]) expect(clockDoubt(fragment(FROM_US + aheadS * 1e6, 500), LIMITS)).toEqual({});
  expect(clockDoubt(fragment(null, 500), LIMITS)).toEqual({});
});
test("the node's clock is in doubt beyond its limit, and where nobody knows", () => {
  expect(clockDoubt(fragment(null, 20_000_000), LIMITS)).toEqual({ nodeS: 20 });
  expect(clockDoubt(fragment(null, null), LIMITS)).toEqual({ nodeS: null });
  expect(clockDoubt(fragment(FROM_US, null, true), LIMITS)).toEqual({});
  expect(clockDoubt(undefined, LIMITS)).toEqual({});
  expect(sameDoubt({ nodeS: null }, {})).toBe(false);
  expect(sameDoubt({ cameraS: 20 }, { cameraS: 20 })).toBe(true);
});
