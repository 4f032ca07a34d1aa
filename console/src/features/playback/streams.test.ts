import { expect, test } from "vitest";
import { partsOf } from "./day";
import { fetchedOf, playedSpans, streamAt, twiceOf, type StreamSpan } from "./streams";

const S = 1e6;
const part = (from: number, to: number) => ({ fromUs: from * S, toUs: to * S });
const told = (spans: readonly StreamSpan[]) => spans.map((one) => `${one.stream} ${one.fromUs / S}-${one.toUs / S}`);

test("the main stream is played where it has footage, the sub-stream where it alone has", () => {
  const kept = { main: [part(100, 200), part(300, 400)], sub: [part(50, 120), part(150, 350), part(500, 600)] };
  const spans = playedSpans(kept, undefined);
  expect(told(spans)).toEqual(["sub 50-100", "main 100-200", "sub 200-300", "main 300-400", "sub 500-600"]);
  expect([60, 100, 250, 399, 550].map((at) => streamAt(spans, at * S))).toEqual(["sub", "main", "sub", "main", "sub"]);
});

test("small tiles play the sub-stream where it has footage, and the main one where it alone has", () => {
  const kept = { main: [part(100, 200), part(300, 400)], sub: [part(50, 120), part(150, 350), part(500, 600)] };
  const spans = playedSpans(kept, undefined, "sub");
  expect(told(spans)).toEqual(["sub 50-120", "main 120-150", "sub 150-350", "main 350-400", "sub 500-600"]);
  expect(told(playedSpans(kept, "main", "sub")), "what somebody chose stays").toEqual(["main 100-200", "main 300-400"]);
});

test("only what is played of the fetched footage is marked", () => {
  const spans = playedSpans({ main: [part(100, 200)], sub: [part(150, 300)] }, undefined);
  expect(fetchedOf(spans, { main: [part(50, 120)], sub: [part(150, 160), part(250, 400)] })).toEqual([part(100, 120), part(250, 300)]);
});

test("what only its sub-stream has recorded is footage", () => {
  const spans = playedSpans({ main: [], sub: [part(100, 200)] }, undefined);
  expect(told(spans)).toEqual(["sub 100-200"]);
  expect([0, 150, 900].map((at) => streamAt(spans, at * S))).toEqual(["sub", "sub", "sub"]);
});

test("a chosen stream is played wherever one goes, also where it has none", () => {
  const kept = { main: [part(100, 200)], sub: [part(100, 400)] };
  expect(told(playedSpans(kept, "sub"))).toEqual(["sub 100-400"]);
  expect(told(playedSpans(kept, "main"))).toEqual(["main 100-200"]);
  expect(streamAt(playedSpans(kept, "main"), 300 * S)).toBe("main");
});

test("a moment is not worth another stream, and between two the nearer one is played", () => {
  const spans = playedSpans({ main: [part(100, 200), part(201, 300)], sub: [part(90, 302), part(400, 500)] }, undefined);
  expect(told(spans)).toEqual(["sub 90-100", "main 100-200", "main 201-300", "sub 300-302", "sub 400-500"]);
  expect([200.4, 310, 390].map((at) => streamAt(spans, at * S))).toEqual(["main", "sub", "sub"]);
  expect(streamAt([], 0)).toBe("main");
});

test("play goes on with the other stream's footage, neither stopping before it nor leaping over it", () => {
  const period = part(0, 1_000);
  const spans = playedSpans({ main: [part(100, 200), part(600, 700)], sub: [part(300, 400)] }, undefined);
  const one = { period, around: [period], spans, stream: "main" as const };
  const parts = partsOf(new Map([["c", one]]), part(0, 86_400));
  expect(parts.next(210 * S, false)).toBe(300 * S);
  expect(parts.next(500 * S, true)).toBe(400 * S - 1);
  expect([parts.turns("c", 150 * S), parts.turns("c", 300 * S), parts.turns("c", 450 * S)]).toEqual([false, true, false]);
  expect([parts.onwards(210 * S, false), parts.onwards(310 * S, false), parts.onwards(710 * S, false)]).toEqual([300 * S, 310 * S, undefined]);
});
test("what was recorded twice is marked where its stream is played, cut at what is played", () => {
  const spans: StreamSpan[] = [
    { fromUs: 0, toUs: 100 * S, stream: "main" },
    { fromUs: 100 * S, toUs: 200 * S, stream: "sub" },
  ];
  const of = { main: [{ fromUs: 40 * S, toUs: 120 * S, times: 2 }], sub: [{ fromUs: 10 * S, toUs: 110 * S, times: 3 }] };
  expect(twiceOf(spans, (stream) => of[stream])).toEqual([
    { fromUs: 40 * S, toUs: 100 * S, times: 2 },
    { fromUs: 100 * S, toUs: 110 * S, times: 3 },
  ]);
});
