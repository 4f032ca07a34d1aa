import { expect, test } from "vitest";
import { endOf } from "./end-of";

const expires_at = "2026-11-29T08:00:00Z";

test("an open request takes effect, or is too old, whichever comes first", () => {
  expect(endOf({ due_at: null, expires_at })).toEqual({ due: false, at: expires_at });
  expect(endOf({ due_at: "2026-11-28T08:00:00+00:00", expires_at })).toEqual({ due: true, at: "2026-11-28T08:00:00+00:00" });
  expect(endOf({ due_at: "2026-11-30T08:00:00Z", expires_at })).toEqual({ due: false, at: expires_at });
});
