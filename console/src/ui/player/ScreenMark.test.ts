import { expect, test } from "vitest";
import { markAt } from "./ScreenMark";

const share = (text: string) => Number(text.replace("%", ""));

test("the mark creeps from corner to corner, lies on the picture, and never stays for long", () => {
  for (let second = 0; second < 46 * 58 * 12; second += 97) {
    const [here, next, later] = [markAt(second), markAt(second + 1), markAt(second + 13)];
    for (const value of [here.left, here.top]) expect(share(value)).toBeGreaterThanOrEqual(8);
    expect(share(here.left)).toBeLessThan(54);
    expect(share(here.top)).toBeLessThan(70);
    expect(Math.abs(share(next.left) - share(here.left))).toBeLessThan(5); // no leap that an eye would be drawn to
    expect(`${later.left} ${later.top}`).not.toBe(`${here.left} ${here.top}`);
  }
});
