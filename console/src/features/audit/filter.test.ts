import { expect, test } from "vitest";
import { query } from "./filter";

const ZONE = "Asia/Shanghai";

test("only what is set is asked for, and times carry their zone", () => {
  expect(query({}, ZONE)).toEqual({});
  expect(query({ person: " wang ", object: "", act: undefined }, ZONE)).toEqual({ person: "wang" });
  expect(query({ ticket: "UT20261126-0001 ", case: "A5201022026110001" }, ZONE)).toEqual({ ticket: "UT20261126-0001", case: "A5201022026110001" });
  expect(query({ since: "2026-11-26T08:00" }, ZONE)).toEqual({ since: "2026-11-26T00:00:00.000Z" });
});
