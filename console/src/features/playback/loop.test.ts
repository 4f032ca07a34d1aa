import { describe, expect, it } from "vitest";
import { isLeft, loopOf } from "./loop";

describe("what is repeated", () => {
  it("is what was marked, else what was just seen", () => {
    const marked = { fromUs: 5e6, toUs: 9e6 };
    expect(loopOf(marked, 100e6)).toBe(marked);
    expect(loopOf(undefined, 100e6)).toEqual({ fromUs: 90e6, toUs: 100e6 });
  });

  it("is left by whoever goes elsewhere", () => {
    const loop = { fromUs: 5e6, toUs: 9e6 };
    expect([4.9e6, 5e6, 8.9e6, 9e6].map((atUs) => isLeft(loop, atUs))).toEqual([true, false, false, true]);
    expect(isLeft(undefined, 4e6)).toBe(false);
  });
});
