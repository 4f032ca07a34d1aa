import { expect, test } from "vitest";
import { cellsOf, copyOf, hoursOf, mondayOf, proposedOn, spanOn, weekFrom } from "./roster-week";
import type { Slot } from "./seats";

const ZONE = "Asia/Shanghai";
const slot = (seat: number, since: string, until: string): Slot => ({ id: seat, seat, user_id: 1, name: "li", full_name: "", since, until, over: false, confirmed: true, trouble_zh: "", trouble_en: "" });

test("a week begins on Monday by the node's clocks", () => {
  expect(mondayOf(Date.parse("2026-11-29T16:30:00Z"), ZONE), "it is Monday there already").toBe("2026-11-30");
  expect(mondayOf(Date.parse("2026-11-29T15:30:00Z"), ZONE)).toBe("2026-11-23");
  expect(weekFrom("2026-12-28").at(-1)).toBe("2027-01-03");
  expect(copyOf("2026-11-30", ZONE)).toEqual({ since: "2026-11-22T16:00:00.000Z", to: "2026-11-29T16:00:00.000Z" });
});

test("a slot stands on the day on which it begins, with its end on the next", () => {
  const night = slot(2, "2026-11-26T12:00:00Z", "2026-11-27T00:00:00Z");
  const cells = cellsOf([night, slot(2, "2026-11-26T00:00:00Z", "2026-11-26T08:00:00Z")], ZONE);
  expect(cells.get("2026-11-26 2")?.map((one) => hoursOf(one, ZONE))).toEqual(["08:00–16:00", "20:00–08:00⁺¹"]);
  expect(spanOn("2026-11-30", ["20:00", "08:00"])).toEqual({ since: "2026-11-30T20:00", until: "2026-12-01T08:00" });
  expect(spanOn("2026-11-30", ["16:00", "00:00"]).until).toBe("2026-12-01T00:00");
});

test("proposes a shift of today that is not over", () => {
  expect(proposedOn("2026-11-27", "2026-11-27T15:59").since).toBe("2026-11-27T08:00");
  expect(proposedOn("2026-11-27", "2026-11-27T16:00")).toEqual({ since: "2026-11-27T16:00", until: "2026-11-28T00:00" });
  expect(proposedOn("2026-11-28", "2026-11-27T16:00").since).toBe("2026-11-28T08:00");
  expect(proposedOn("2026-11-26", "2026-11-27T16:00").since).toBe("2026-11-26T08:00");
});
