// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { DateField } from "./DateField";
import { QuietObserver, renderInConsole } from "./testing";

globalThis.ResizeObserver ??= QuietObserver;
afterEach(cleanup);

/** Types into the field and leaves it. */
function type(text: string): void {
  const field = screen.getByTestId("day");
  fireEvent.focus(field);
  fireEvent.change(field, { target: { value: text } });
  fireEvent.blur(field);
}

test("what is typed counts, with or without strokes", () => {
  const told = vi.fn();
  renderInConsole(<DateField value="" label="day" testId="day" onChange={told} />);
  type("2026-01-05");
  expect(told).toHaveBeenLastCalledWith("2026-01-05");
  type(" 20990131 ");
  expect(told).toHaveBeenLastCalledWith("2099-01-31");
});

test("a moment keeps its minutes, and what is no date changes nothing", () => {
  const told = vi.fn();
  renderInConsole(<DateField precision="minute" value="2026-11-26T17:30" label="day" testId="day" onChange={told} />);
  expect(screen.getByTestId<HTMLInputElement>("day").value).toBe("2026-11-26 17:30");
  type("13/40/2026");
  expect(told).not.toHaveBeenCalled();
  type("2026-11-26 18:05");
  expect(told).toHaveBeenLastCalledWith("2026-11-26T18:05");
});
