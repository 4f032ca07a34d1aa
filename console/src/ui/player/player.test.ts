import { expect, test } from "vitest";
import { problemOf } from "./player";

test("the media port's document is read as one", () => {
  const problem = { status: 403, code: "media.ticket_expired", zh: "媒体票据已过期", en: "Expired", remedy_zh: "", remedy_en: "" };
  expect(problemOf(JSON.stringify(problem))).toEqual(problem);
});
test.each(["", "null", "[]", "no JSON", '{"codec":"avc1.64001f","sound":"","mime":"video/mp4"}', '{"code":1,"zh":"","en":""}'])("%s is none", (text) => {
  expect(problemOf(text)).toBeUndefined();
});
