import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CommandLine, moveOf, steerOf, type Order } from "./command-line";

let sent: string[];
let answers: { resolve: () => void; reject: (why: unknown) => void }[];
let told: unknown[];
let line: CommandLine;

const shown = (order: Order) => (order.action === "steer" ? `${order.pan},${order.tilt},${order.zoom}` : order.action);
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  answers = [];
  told = [];
  line = new CommandLine(
    (order) => {
      sent.push(shown(order));
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
test("a refusal ends the wish and is told once", async () => {
  line.want(moveOf("left", 50));
  answers[0]?.reject("held");
  await vi.advanceTimersByTimeAsync(5000);
  expect(sent).toEqual(["left"]);
  expect(told).toEqual(["held"]);
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
