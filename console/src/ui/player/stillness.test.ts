import { expect, test } from "vitest";
import { Stillness, UNREACHED, UNSHOWN } from "./stillness";

test("a picture that never moved is not still, it is awaited", () => {
  expect(new Stillness().look(60_000, 0, "playing")).toEqual({ kind: "moving" });
});
test("three seconds without a frame are told with their beginning, ten end the attempt", () => {
  const stillness = new Stillness();
  stillness.moved(1000);
  expect(stillness.look(3999, 0, "playing")).toEqual({ kind: "moving" });
  expect(stillness.look(4000, 0, "playing")).toEqual({ kind: "still", sinceMs: 1000 });
  expect(stillness.look(11_000, 0, "playing")).toEqual({ kind: "given up" });
  stillness.stopped();
  expect(stillness.look(12_000, 0, "playing")).toEqual({ kind: "moving" });
});
test("pictures that are decoded but not drawn are no standstill", () => {
  const stillness = new Stillness();
  stillness.moved(0);
  expect(stillness.look(5000, 10, "playing")).toEqual({ kind: "moving" });
  expect(stillness.look(9000, 10, "playing")).toEqual({ kind: "still", sinceMs: 5000 });
});
test("a first picture that does not come within fifteen seconds of a stream that plays ends the attempt", () => {
  const stillness = new Stillness();
  stillness.began();
  expect(stillness.look(0, 0, "asked")).toEqual({ kind: "moving" });
  expect(stillness.look(60_000, 0, "asked")).toEqual({ kind: "moving" });
  expect(stillness.look(60_500, 0, "playing")).toEqual({ kind: "moving" });
  expect(stillness.look(75_499, 0, "playing")).toEqual({ kind: "moving" });
  expect(stillness.look(75_500, 0, "playing")).toEqual({ kind: "unshown", problem: UNSHOWN });
  stillness.stopped();
  expect(stillness.look(99_000, 0, "playing")).toEqual({ kind: "moving" });
});
test("a first picture that is decoded but not drawn is no failure", () => {
  const stillness = new Stillness();
  stillness.began();
  expect(stillness.look(0, 0, "playing")).toEqual({ kind: "moving" });
  expect(stillness.look(14_000, 5, "playing")).toEqual({ kind: "moving" });
  expect(stillness.look(16_000, 9, "playing")).toEqual({ kind: "moving" });
});
test("a stream that the node ends because nobody reads it was not shown, though the wait is not over", () => {
  const stillness = new Stillness();
  stillness.began();
  expect(stillness.look(0, 0, "over"), "idle from before").toEqual({ kind: "moving" });
  expect(stillness.look(500, 0, "playing")).toEqual({ kind: "moving" });
  expect(stillness.look(14_000, 0, "over")).toEqual({ kind: "unshown", problem: UNSHOWN });
  stillness.stopped();
  stillness.began();
  expect(stillness.look(15_000, 0, "over"), "the next attempt").toEqual({ kind: "moving" });
});
test("a connection of which nothing comes ends, though the stream was never seen to play", () => {
  const stillness = new Stillness();
  stillness.began();
  expect(stillness.look(0, 0, "over"), "idle from before").toEqual({ kind: "moving" });
  expect(stillness.look(1000, 0, "asked")).toEqual({ kind: "moving" });
  expect(stillness.look(90_000, 0, "asked"), "the device is away").toEqual({ kind: "moving" });
  expect(stillness.look(90_500, 0, "over"), "the node has ended it: nobody read").toEqual({ kind: "moving" });
  expect(stillness.look(105_500, 0, "over")).toEqual({ kind: "unshown", problem: UNREACHED });
  stillness.stopped();
  stillness.began();
  expect(stillness.look(200_000, 0, "unknown"), "the news are lost too").toEqual({ kind: "moving" });
  expect(stillness.look(215_000, 0, "unknown")).toEqual({ kind: "unshown", problem: UNREACHED });
});
