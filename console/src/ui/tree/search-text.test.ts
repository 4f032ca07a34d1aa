import { expect, test } from "vitest";
import { settled, typed } from "./search-text";

test("words with # are tags, the others are looked for", () => {
  expect(typed("南门 #学校 球机 ＃校门")).toEqual({ q: "南门 球机", tags: ["学校", "校门"] });
  expect(typed("# a#b")).toEqual({ q: "a#b", tags: [] });
});
test("a tag is settled by the blank after it, or all by Enter", () => {
  expect(settled("#学校 南门")).toEqual({ text: "南门", tags: ["学校"] });
  expect(settled("南门 #学校")).toEqual({ text: "南门 #学校", tags: [] });
  expect(settled("南门 #学校", true)).toEqual({ text: "南门 ", tags: ["学校"] });
  expect(settled("a#b c")).toEqual({ text: "a#b c", tags: [] });
});
