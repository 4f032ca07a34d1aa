// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { api } from "../api-client/client";
import { eventually } from "./eventually";
import { LiftReturn } from "./LiftReturn";
import { renderInConsole } from "./testing";

const CODE = "52010200001320000001";

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

test("a lift is given back, and nothing is to be given back where there is none", async () => {
  let until: string | null = "2026-11-30T12:00:00Z";
  const asked = vi.spyOn(api, "GET").mockImplementation((() => Promise.resolve({ data: { turns: false, position: 0, lifted_until: until, items: [] } })) as never);
  const sent = vi.spyOn(api, "POST").mockImplementation((() => {
    until = null;
    return Promise.resolve({ data: undefined });
  }) as never);
  const returned = vi.fn();
  renderInConsole(<LiftReturn code={CODE} inTile onReturned={returned} />);
  fireEvent.click(await eventually(() => screen.getByTestId(`return-lift-${CODE}`)));
  await eventually(() => expect(returned).toHaveBeenCalledOnce());
  expect(sent).toHaveBeenCalledWith("/api/v1/cameras/{code}/masks/restore", { params: { path: { code: CODE } } });
  await eventually(() => expect(screen.queryByTestId(`return-lift-${CODE}`)).toBeNull());
  const count = asked.mock.calls.length;
  cleanup();
  renderInConsole(<LiftReturn code={CODE} />);
  await eventually(() => expect(asked.mock.calls.length).toBeGreaterThan(count));
  expect(screen.queryByTestId(`return-lift-${CODE}`)).toBeNull();
});
