import { expect, test } from "vitest";
import { linkState, sourceState } from "./states";

const AT = "2026-11-30T08:00:00Z";
const LATER = "2026-11-30T08:00:01Z";

test("a source stands as its last word was taken", () => {
  const source = { distrusted: false, fault_at: null, heard_at: null };
  expect(sourceState(source)).toBe("never");
  expect(sourceState({ ...source, heard_at: AT })).toBe("well");
  expect(sourceState({ ...source, heard_at: AT, fault_at: AT })).toBe("refused");
  expect(sourceState({ ...source, heard_at: LATER, fault_at: AT })).toBe("well");
  expect(sourceState({ ...source, fault_at: AT })).toBe("refused");
  expect(sourceState({ ...source, heard_at: AT, distrusted: true })).toBe("distrusted");
});

test("a link stands as its last attempt went", () => {
  const link = { distrusted: false, on: true, failures: 0, set_aside: 0, sent_at: null };
  expect(linkState(link)).toBe("never");
  expect(linkState({ ...link, sent_at: AT })).toBe("well");
  expect(linkState({ ...link, sent_at: AT, failures: 1 })).toBe("failing");
  expect(linkState({ ...link, failures: 1, on: false })).toBe("off");
  expect(linkState({ ...link, sent_at: AT, set_aside: 1 })).toBe("refused");
  expect(linkState({ ...link, distrusted: true })).toBe("distrusted");
});
