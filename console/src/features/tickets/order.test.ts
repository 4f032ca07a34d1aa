import { expect, test } from "vitest";
import { longestOf, type Purpose } from "../../ui/ticket/ground";
import { boundsOfTicket, boundsOrder, emptyBounds, orderOf, type Draft, type Ticket } from "./order";

const NOW = Date.parse("2026-11-26T09:30:00Z");
const ZONE = "Asia/Shanghai";
const crime: Purpose = { code: "crime-investigation", zh: "侦查", en: "Investigation", functions: ["view-recorded"], case_number: "required", basis: ["刑事诉讼法"] };
const bounds = { ...emptyBounds(NOW, ZONE), cameras: ["52010200001320000001"] };
const draft: Draft = { purpose: crime, basis: "刑事诉讼法", caseNumber: " A5201022026110001 ", bounds, hours: 8, reason: " " };

test("times keep their moment through the fields", () => {
  expect(bounds.until).toBe("2026-11-26T19:30");
  const order = boundsOrder(bounds, ZONE);
  expect(order?.since).toBe("2026-11-26T07:30:00.000Z");
  expect(order?.until).toBe("2026-11-26T11:30:00.000Z");
  expect(boundsOfTicket({ ...order, cameras: [], area: "" } as unknown as Ticket, ZONE)).toMatchObject({ since: bounds.since, until: bounds.until });
});

test("a whole draft is an order", () => {
  expect(orderOf(draft, ZONE)).toMatchObject({ purpose: "crime-investigation", case_number: "A5201022026110001", legal_basis: "刑事诉讼法", hours: 8, reason: "" });
});

test("nothing is sent while something is missing", () => {
  const wrong: Partial<Draft>[] = [
    { purpose: undefined },
    { basis: undefined },
    { basis: "因为想看" },
    { caseNumber: " " },
    { bounds: { ...bounds, cameras: [] } },
    { bounds: { ...bounds, since: "" } },
    { bounds: { ...bounds, since: bounds.until, until: bounds.since } },
  ];
  for (const part of wrong) expect(orderOf({ ...draft, ...part }, ZONE), JSON.stringify(part)).toBeUndefined();
});

test("an area alone is enough, and no case number goes where the purpose has none", () => {
  expect(boundsOrder({ ...bounds, cameras: [], area: "520102" }, ZONE)).toMatchObject({ cameras: [], area: "520102" });
  expect(orderOf({ ...draft, purpose: { ...crime, case_number: "none" } }, ZONE)?.case_number).toBe("");
});

test("a ticket that names no case is shorter", () => {
  const rules = { items: [crime], default_hours: 72, longest_hours: 720, without_case_hours: 24 };
  expect([longestOf(rules, "A5201022026110001"), longestOf(rules, " ")]).toEqual([720, 24]);
  expect(longestOf({ ...rules, longest_hours: 8 }, "")).toBe(8);
});
