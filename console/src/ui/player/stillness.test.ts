import { expect, test } from "vitest";
import { Stillness } from "./stillness";

test("a picture that never moved is not still, it is awaited", () => {
  expect(new Stillness().look(60_000, 0)).toEqual({ kind: "moving" });
});
test("three seconds without a frame are told with their beginning, ten end the attempt", () => {
  const stillness = new Stillness();
  stillness.moved(1000);
  expect(stillness.look(3999, 0)).toEqual({ kind: "moving" });
  expect(stillness.look(4000, 0)).toEqual({ kind: "still", sinceMs: 1000 });
  expect(stillness.look(11_000, 0)).toEqual({ kind: "given up" });
  stillness.stopped();
  expect(stillness.look(12_000, 0)).toEqual({ kind: "moving" });
});
test("pictures that are decoded but not drawn are no standstill", () => {
  const stillness = new Stillness();
  stillness.moved(0);
  expect(stillness.look(5000, 10)).toEqual({ kind: "moving" });
  expect(stillness.look(9000, 10)).toEqual({ kind: "still", sinceMs: 5000 });
});
