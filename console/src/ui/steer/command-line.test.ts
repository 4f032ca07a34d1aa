import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiProblem } from "../../api-client/client";
import { CommandLine, moveOf, steerOf, type Order } from "./command-line";

let sent: string[];
let places: { line: string; number: number }[];
let answers: { resolve: () => void; reject: (why: unknown) => void }[];
let told: unknown[];
let line: CommandLine;

const shown = (order: Order) => (order.action === "steer" ? `${order.pan},${order.tilt},${order.zoom}` : order.action);
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  places = [];
  answers = [];
  told = [];
  line = new CommandLine(
    (order) => {
      sent.push(shown(order));
      places.push({ line: order.line ?? "", number: order.number ?? 0 });
      return new Promise<void>((resolve, reject) => answers.push({ resolve, reject }));
    },
    (problem) => told.push(problem),
    () => Date.now(),
  );
});
afterEach(() => {
  vi.useRealTimers();
});

test("of many wishes at most ten a second are sent, and the last one wins", async () => {
  for (let at = 0; at < 50; at += 1) {
    line.want(steerOf(at, 0, 0));
    answers.forEach((one) => one.resolve());
    await vi.advanceTimersByTimeAsync(20);
  }
  await vi.advanceTimersByTimeAsync(100);
  expect(sent.length).toBeLessThanOrEqual(12);
  expect(sent.length).toBeGreaterThanOrEqual(9);
  expect(sent[0]).toBe("0,0,0");
  expect(sent.at(-1)).toBe("49,0,0");
});
test("nothing is sent while the node has not answered, but a stop", async () => {
  line.want(moveOf("left", 50));
  line.want(moveOf("right", 50));
  await vi.advanceTimersByTimeAsync(5000);
  expect(sent).toEqual(["left"]);
  line.stop();
  expect(sent).toEqual(["left", "stop"]);
});
test("a stop that may have come before the order is said again when that one is answered", async () => {
  line.want(moveOf("left", 50));
  line.stop();
  answers[0]?.resolve();
  await settle();
  expect(sent).toEqual(["left", "stop", "stop"]);
  answers[1]?.resolve();
  await vi.advanceTimersByTimeAsync(5000);
  expect(sent).toHaveLength(3);
});
const problem = (status: number) => new ApiProblem({ status, code: "", zh: "", en: "", remedy_zh: "", remedy_en: "" } as ConstructorParameters<typeof ApiProblem>[0]);

test("a refusal ends the wish and is told once", async () => {
  const held = problem(409);
  line.want(moveOf("left", 50));
  answers[0]?.reject(held);
  await vi.advanceTimersByTimeAsync(5000);
  expect(sent).toEqual(["left"]);
  expect(told).toEqual([held]);
  expect(line.moves).toBe(false);
});
test("what was let go before it was refused is told to nobody", async () => {
  line.want(moveOf("left", 50));
  line.stop();
  answers[0]?.reject("held");
  await settle();
  expect(told).toEqual([]);
});
test("a stop without a movement is sent by hand alone", () => {
  line.stop();
  expect(sent).toEqual([]);
  line.halt();
  expect(sent).toEqual(["stop"]);
});
test("an order that went wrong on its way may have arrived: it is stopped", async () => {
  for (const wrong of [problem(504), problem(0), new TypeError("Failed to fetch")]) {
    sent.length = answers.length = 0;
    line.want(moveOf("left", 50));
    await vi.advanceTimersByTimeAsync(1000);
    answers[0]?.reject(wrong);
    await settle();
    expect(sent).toEqual(["left", "stop"]);
  }
});
test("a hand is told that its stop was not heard, but not that somebody else steers", async () => {
  line.want(moveOf("left", 50));
  answers[0]?.resolve();
  await settle();
  const unheard = problem(504);
  line.halt();
  line.halt();
  answers[1]?.reject(unheard);
  answers[2]?.reject(problem(409));
  await settle();
  expect(told).toEqual([unheard]);
});
test("orders are numbered in their line, each higher than the one before", async () => {
  line.want(moveOf("left", 50));
  line.stop();
  answers[0]?.resolve();
  await settle();
  expect(places.map((one) => one.number)).toEqual([1, 2, 3]);
  expect(new Set(places.map((one) => one.line)).size).toBe(1);
  expect(places[0]?.line).not.toBe("");
});
