// @vitest-environment jsdom
import { cleanup, screen, within } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SignedIn } from "../../ui/signed-in";
import { renderInConsole } from "../../ui/testing";
import { MarkLayer } from "./MarkLayer";
import { alarmMark, bookmarkMark, eventMark, gapMark, type Mark } from "./marks";
import { WeekTimeline } from "./WeekTimeline";
import { weekTo } from "./week";

const [ZONE, CODE] = ["Europe/Berlin", "52010200001320000001"];
const us = (at: string) => Date.parse(at) * 1_000;
const went = vi.fn();

beforeEach(() => {
  Element.prototype.scrollIntoView = vi.fn();
  went.mockClear();
});
afterEach(cleanup);

const inBerlin = (what: ReactNode) => renderInConsole(<SignedIn value={{ user: { zone: ZONE } } as never}>{what}</SignedIn>);

test("a day on which clocks are put back has its own hours, and what is recorded stands at them", () => {
  const days = weekTo("2026-10-27", ZONE);
  const span = { fromUs: us("2026-10-25T12:00+01:00"), toUs: us("2026-10-25T13:00+01:00") };
  inBerlin(<WeekTimeline days={days} lanes={[{ code: CODE, name: "c", periods: [], spans: [span], curves: [] }]} marks={[]} atUs={us("2026-10-25T12:30+01:00")} current={undefined} onGo={went} onMark={vi.fn()} onWeek={vi.fn()} />);
  expect(screen.getByTestId("week-day-2026-10-25").textContent).toContain("25 h");
  expect(screen.getByTestId("week-day-2026-10-24").textContent).not.toContain(" h");
  const row = screen.getByTestId("week-2026-10-25");
  expect([...row.querySelectorAll(".week-own-ticks span")].map((one) => one.textContent)).toEqual(["00", "02", "02", "04", "06", "08", "10", "12", "14", "16", "18", "20", "22"]);
  const recorded = within(row).getByTestId("week-span");
  expect(recorded.style.left).toBe("52%");
  expect(parseFloat(recorded.style.width)).toBeCloseTo(4);
  expect(recorded.title).toContain("12:00:00 – 13:00:00");
  const noon = [...row.querySelectorAll<HTMLElement>(".week-own-ticks span")].find((one) => one.textContent === "12");
  expect(noon?.style.left, "its hour stands above it").toBe("52%");
});

test("a bookmark, an alarm, an event and a gap stand on a camera's lane as they lie in time, each as what it is", () => {
  const at = (hour: number) => `2026-10-24T${String(hour).padStart(2, "0")}:00:00+02:00`;
  const marks: Mark[] = [
    bookmarkMark({ id: 1, camera: CODE, from: at(2), to: at(3), text: "红色面包车", author: "chen" } as never),
    alarmMark(CODE, { id: "a", received_at: at(6), category: "intrusion", change: "new", point: "后门红外", zone: "", user: "", site: "", text: "" } as never),
    eventMark(CODE, { at: at(12), from: at(12), to: at(13), cause: "alarm" } as never),
    gapMark(CODE, { from: at(18), to: at(20), parts: [{ from: at(18), to: at(20), cause: "disk" }] } as never),
  ];
  const window = { fromUs: us(at(0)), toUs: us("2026-10-25T00:00+02:00") };
  inBerlin(<MarkLayer lanes={[{ code: CODE }]} marks={marks} window={window} current={undefined} onGo={went} />);
  const signs = within(screen.getByTestId(`marks-${CODE}`)).getAllByRole("button");
  expect(signs.map((one) => one.dataset["testid"])).toEqual(["mark-bookmark", "mark-alarm", "mark-event", "mark-gap"]);
  expect(screen.getByTestId("mark-gap").getAttribute("aria-label")).toMatch(/磁盘/);
  screen.getByTestId("mark-alarm").click();
  expect(went).toHaveBeenCalledWith(marks[1]);
});
