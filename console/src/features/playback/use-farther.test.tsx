// @vitest-environment jsdom
import { cleanup } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { api, type Schemas } from "../../api-client/client";
import { renderInConsole } from "../../ui/testing";
import { useFarther } from "./use-farther";
import { MAIN_FIRST } from "./use-footage";
import { dayAfter, dayOf } from "./week";

const [CODE, AREA, ZONE, TODAY, H] = ["52010200001320000001", "520102", "Asia/Shanghai", "2026-03-10", 3_600e6];
const iso = (us: number) => new Date(us / 1_000).toISOString();
const day = (by: number) => dayOf(dayAfter(TODAY, by), ZONE).fromUs;
const within = (parts: readonly (readonly [number, number])[], from: string, to: string) =>
  parts.flatMap(([begin, end]) => {
    const cut = { from: iso(Math.max(begin, Date.parse(from) * 1_000)), to: iso(Math.min(end, Date.parse(to) * 1_000)) };
    return cut.from < cut.to ? [cut] : [];
  });

type Go = ReturnType<typeof useFarther>;
let go: Go | undefined;
function Page({ tickets }: { tickets: readonly Schemas["TicketShape"][] }) {
  go = useFarther([CODE], dayOf(TODAY, ZONE), ZONE, tickets, MAIN_FIRST);
  return null;
}

/** What is recorded goes on over midnight, and begins anew on the third day; something moves on the fifth, and moved two days ago. */
function shown(daysOpen: number) {
  const recorded = [[day(-2) + H, day(-2) + 2 * H], [day(0) - 3 * H, day(1) + H], [day(2) + 5 * H, day(2) + 6 * H], [day(4) + H, day(4) + 3 * H]] as const;
  const moved = [[day(-2) + 1.5 * H, day(-2) + 1.6 * H], [day(4) + 2 * H, day(4) + 2.1 * H]] as const;
  const asked: string[] = [];
  const told: Record<string, (query: { from: string; to: string; stream: string }) => unknown> = {
    "/api/v1/withdrawn-cameras": () => ({ items: [], total: 0 }),
    "/api/v1/cameras/{code}": () => ({ code: CODE, area: AREA, streams: ["main"] }),
    "/api/v1/cameras/{code}/recordings": ({ from, to, stream }) => ({ items: stream === "main" ? within(recorded, from, to) : [], from_device: [], twice: [], filled_percent: null }),
    "/api/v1/cameras/{code}/activity": ({ from, to }) => {
      asked.push(from);
      return { from, to, levels: [0], busy: within(moved, from, to).map((one) => ({ ...one, peak: 50 })) };
    },
  };
  vi.spyOn(api, "GET").mockImplementation(((path: string, { params }: { params: { query: { from: string; to: string; stream: string } } }) => Promise.resolve({ data: told[path]?.(params.query) })) as never);
  const ticket = { number: "T1", state: "open", opens: ["view-recorded"], cameras: [CODE], area: "", since: iso(day(-daysOpen)), until: iso(day(daysOpen)) };
  renderInConsole(<Page tickets={[ticket as never]} />);
  return asked;
}
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

test("the next footage, and the one before, are found beyond the shown day, and not where it only goes on", async () => {
  shown(8);
  expect(await go?.("footage", 1)).toBe(day(2) + 5 * H);
  expect(await go?.("footage", -1)).toBe(day(0) - 3 * H);
});

test("where something moves next is found beyond the shown day, by days with footage alone", async () => {
  const asked = shown(8);
  expect(await go?.("activity", 1)).toBe(day(4) + 2 * H);
  expect(asked).toHaveLength(3);
  expect(await go?.("activity", -1)).toBe(day(-2) + 1.5 * H);
});

test("what no ticket opens is neither asked for nor found", async () => {
  const asked = shown(1);
  expect(await go?.("footage", 1)).toBeUndefined();
  expect(await go?.("activity", 1)).toBeUndefined();
  expect(asked).toHaveLength(0);
});

test("who asks again meanwhile is answered alone", async () => {
  shown(8);
  const first = go?.("activity", 1);
  expect(await go?.("footage", 1)).toBe(day(2) + 5 * H);
  expect(await first).toBeUndefined();
});
