import { expect, test } from "vitest";
import { query } from "./filter";

test("only what is set is asked for, and times carry their zone", () => {
  expect(query({})).toEqual({});
  expect(query({ person: " wang ", object: "", act: undefined })).toEqual({ person: "wang" });
  const since = "2026-11-26T08:00";
  expect(query({ since })).toEqual({ since: new Date(since).toISOString() });
});
