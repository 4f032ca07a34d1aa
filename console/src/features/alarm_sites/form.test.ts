import { expect, test } from "vitest";
import { dialled } from "../../ui/SiteContacts";
import { earlier, EMPTY, isWhole, NOBODY, sent } from "./form";

const WANG = { ...NOBODY, name: "王园长", phone: "0851-8580 0001" };

test("lines that nobody filled in are not sent", () => {
  const order = { ...EMPTY, name: "一幼", contacts: [NOBODY, WANG, { ...NOBODY, role: "guard" as const }] };
  expect(sent(order).contacts).toEqual([WANG]);
  expect(isWhole(order)).toBe(true);
});

test("half a contact or half a position is not whole", () => {
  const order = { ...EMPTY, name: "一幼" };
  expect(isWhole(EMPTY)).toBe(false);
  expect(isWhole({ ...order, contacts: [{ ...WANG, phone: "" }] })).toBe(false);
  expect(isWhole({ ...order, contacts: [{ ...WANG, phone: "call me" }] })).toBe(false);
  expect(isWhole({ ...order, longitude: 106.7 })).toBe(false);
});

test("whoever is moved up is called earlier", () => {
  expect(earlier(["a", "b", "c"], 2)).toEqual(["a", "c", "b"]);
  expect(earlier(["a", "b"], 0)).toEqual(["a", "b"]);
});

test("a telephone is given digits alone", () => expect(dialled("(0851) 8580-0001")).toBe("085185800001"));
