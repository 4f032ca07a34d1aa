// @vitest-environment jsdom
import { expect, test } from "vitest";
import { answerIn, ownPage, takeAnswer } from "./provider-answer";

test("an answer is read on its own page alone", () => {
  expect(answerIn("/sign-in/city", "?code=c&state=s&iss=https%3A%2F%2Fid.example")).toEqual({ provider: "city", state: "s", code: "c", error: "", iss: "https://id.example" });
  expect(answerIn("/sign-in/city", "?error=access_denied&state=s")?.error).toBe("access_denied");
  for (const path of ["/", "/sign-in", "/sign-in/City", "/sign-in/a/b", "/cameras/sign-in/city"]) expect(answerIn(path, "?code=c&state=s"), path).toBeUndefined();
});

test("nobody is sent to another site afterwards", () => {
  for (const kept of [null, "", "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "devices", "/sign-in/city?code=x"]) expect(ownPage(kept)).toBe("/");
  expect(ownPage("/devices?status=online")).toBe("/devices?status=online");
});

test("there is no answer on an ordinary page", () => {
  expect(takeAnswer()).toBeUndefined();
});
