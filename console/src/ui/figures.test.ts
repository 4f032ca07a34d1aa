import { expect, test } from "vitest";
import { bits, bytes, loss, span } from "./figures";

test("figures are short and keep their meaning", () => {
  expect([bits(0), bits(1.25e6), bits(2.5e9)]).toEqual(["0", "1.3 Mbit/s", "2.50 Gbit/s"]);
  expect([bytes(1_500_000), bytes(2.5e9)]).toEqual(["1.5 MB", "2.50 GB"]);
  expect([loss(0), loss(0.00001), loss(0.0023), loss(0.051)]).toEqual(["0", "<0.01%", "0.23%", "5.1%"]);
  expect([span(5), span(3_725), span(90_000), span(-3)]).toEqual(["0:05", "1:02:05", "1 d 01 h", "0:00"]);
});
