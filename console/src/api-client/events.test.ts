// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EventFeed } from "./events";

class Socket {
  static made: Socket[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((closing: { code: number }) => void) | null = null;
  closed = false;
  constructor(readonly url: string) {
    Socket.made.push(this);
  }
  close(): void {
    this.closed = true;
  }
  static get last(): Socket {
    const found = Socket.made.at(-1);
    if (found === undefined) throw new Error("no socket was made");
    return found;
  }
}

const told: boolean[] = [];
const refused = vi.fn();
let feed: EventFeed;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Socket);
  Socket.made = [];
  told.length = 0;
  refused.mockReset();
  feed = new EventFeed((connected) => told.push(connected), refused);
  feed.open();
  Socket.last.onopen?.();
});
afterEach(() => {
  feed.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a broken connection is told, and resumed after the last event, with growing pauses", () => {
  const seen: number[] = [];
  feed.listen((event) => seen.push(event.seq));
  Socket.last.onmessage?.({ data: JSON.stringify([{ seq: 41, type: "live.state" }]) });
  Socket.last.onclose?.({ code: 1006 });
  expect(told).toEqual([true, false]);
  vi.advanceTimersByTime(500);
  expect(Socket.last.url).toContain("since=41");
  Socket.last.onclose?.({ code: 1006 });
  vi.advanceTimersByTime(999);
  expect(Socket.made.length).toBe(2);
  vi.advanceTimersByTime(1);
  Socket.last.onopen?.();
  Socket.last.onmessage?.({ data: JSON.stringify([{ seq: 42, type: "live.state" }]) });
  expect(seen).toEqual([41, 42]);
  expect(told.at(-1)).toBe(true);
});
test("a connection on which nothing comes is dead, though nobody closed it", () => {
  const first = Socket.last;
  vi.advanceTimersByTime(7000);
  first.onmessage?.({ data: JSON.stringify([{ seq: 1, type: "alive" }]) });
  vi.advanceTimersByTime(7000);
  expect(told).toEqual([true]);
  vi.advanceTimersByTime(1000);
  expect(told).toEqual([true, false]);
  expect(first.closed).toBe(true);
  vi.advanceTimersByTime(500);
  expect(Socket.made.length).toBe(2);
});
test("the end of the sign-in is told at once; a first break is not taken for one", () => {
  Socket.last.onclose?.({ code: 1006 });
  expect(refused).not.toHaveBeenCalled();
  vi.advanceTimersByTime(500);
  Socket.last.onopen?.();
  Socket.last.onclose?.({ code: 4401 });
  expect(refused).toHaveBeenCalledOnce();
});
test("a closed feed stays closed", () => {
  const last = Socket.last;
  feed.close();
  expect(last.closed).toBe(true);
  vi.advanceTimersByTime(60_000);
  expect(Socket.made.length).toBe(1);
});

test("what comes together is told one by one, and a listener that fails keeps nothing back", () => {
  const failures = vi.fn();
  vi.stubGlobal("reportError", failures);
  const seen: number[] = [];
  feed.listen(() => {
    throw new Error("ours");
  });
  feed.listen((event) => seen.push(event.seq));
  Socket.last.onmessage?.({ data: JSON.stringify([7, 8, 9].map((seq) => ({ seq, type: "alarm.received" }))) });
  expect(seen).toEqual([7, 8, 9]);
  expect(failures).toHaveBeenCalledTimes(3);
  Socket.last.onclose?.({ code: 1006 });
  vi.advanceTimersByTime(500);
  expect(Socket.last.url).toContain("since=9");
});
