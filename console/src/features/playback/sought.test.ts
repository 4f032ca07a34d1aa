import { expect, test } from "vitest";
import { longestWithin, mostOf } from "./sought";

const HOUR = 3_600e6;
const part = (from: number, to: number) => ({ fromUs: from * HOUR, toUs: to * HOUR });

test("what is searched is what is wanted, over midnight too, as far as one ticket opens it", () => {
  expect(longestWithin([part(10, 50)], part(22, 30))).toEqual(part(22, 30));
  expect(longestWithin([part(10, 26), part(26, 80)], part(20, 40)), "the better part of it").toEqual(part(26, 40));
  expect(longestWithin([part(10, 20)], part(20, 30))).toBeUndefined();
});

test("the stream of which there is most is searched, of as much of both the main one", () => {
  expect(mostOf([])).toBe("main");
  expect(mostOf([{ ...part(0, 1), stream: "main" }, { ...part(1, 3), stream: "sub" }])).toBe("sub");
  expect(mostOf([{ ...part(0, 1), stream: "main" }, { ...part(1, 2), stream: "sub" }])).toBe("main");
});
