// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import { chosenWith } from "./chosen";

const camera = (code: string) => ({ code, name: `camera ${code}` });
const codes = (chosen: readonly { code: string }[]) => chosen.map((one) => one.code).join("");

beforeEach(() => sessionStorage.clear());

test("a camera from another page joins those that are played, several take their place", () => {
  expect(chosenWith()).toEqual([]);
  expect(codes(chosenWith(["a", "b", "c"].map(camera)))).toBe("abc");
  expect(codes(chosenWith([camera("a")]))).toBe("bca");
  expect(codes(chosenWith([camera("d")]))).toBe("bcad");
  expect(codes(chosenWith(["x", "y"].map(camera)))).toBe("xy");
  expect(codes(chosenWith())).toBe("xy");
});

test("no more than nine are played together", () => {
  expect(codes(chosenWith([..."abcdefghi"].map(camera)))).toBe("abcdefghi");
  expect(codes(chosenWith([camera("j")]))).toBe("bcdefghij");
});
