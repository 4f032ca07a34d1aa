import { expect, test } from "vitest";
import { withStatuses } from "./freshness";

const page = { items: [{ code: "a", status: "online" }, { code: "b", status: "online" }], total: 2 };

test("what the news say stands on the page, and nothing else is touched", () => {
  const now = withStatuses(page, new Map([["b", "offline"], ["z", "fault"]]));
  expect(now).toEqual({ items: [{ code: "a", status: "online" }, { code: "b", status: "offline" }], total: 2 });
  expect(now.items[0]).toBe(page.items[0]);
});
test("cameras inside groups follow the news as well", () => {
  const groups = { items: [{ id: 1, cameras: [{ code: "a", status: "online" }] }, { id: 2, cameras: [{ code: "b", status: "online" }] }] };
  const now = withStatuses(groups, new Map([["b", "fault"]]));
  expect(now.items[1]).toEqual({ id: 2, cameras: [{ code: "b", status: "fault" }] });
  expect(now.items[0]).toBe(groups.items[0]);
  expect(withStatuses(groups, new Map([["z", "fault"]]))).toBe(groups);
});
test("where nothing is new nothing is drawn anew", () => {
  expect(withStatuses(page, new Map([["a", "online"]]))).toBe(page);
  expect(withStatuses(undefined, new Map([["a", "online"]]))).toBeUndefined();
});
test("one camera is brought up to date as well, and what is none is left alone", () => {
  expect(withStatuses({ code: "a", status: "online", name: "x" }, new Map([["a", "fault"]]))).toEqual({ code: "a", status: "fault", name: "x" });
  const other = { items: [{ code: "52", name: "贵州省" }] };
  expect(withStatuses(other, new Map([["52", "offline"]]))).toBe(other);
});
