// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from "vitest";
import { PictureBuffer } from "./picture-buffer";

/** What the browser's own buffer was told, in order. */
const told: string[] = [];

class FakeBuffer extends EventTarget {
  updating = false;
  full = false;
  seconds: [number, number] = [0, 0];
  get buffered() {
    const [start, end] = this.seconds;
    return { length: start < end ? 1 : 0, start: () => start, end: () => end };
  }
  appendBuffer(part: Uint8Array): void {
    if (this.full) throw new DOMException("full", "QuotaExceededError");
    told.push(`append ${part[0]}`);
    this.updating = true;
  }
  remove(): void {
    told.push("remove");
    this.updating = true;
  }
  changeType(type: string): void {
    if (this.updating) throw new DOMException("busy", "InvalidStateError");
    told.push(`type ${type}`);
  }
  done(): void {
    this.updating = false;
    this.dispatchEvent(new Event("updateend"));
  }
}

class FakeSource extends EventTarget {
  static newest: FakeSource;
  static begins: "open" | "closed" = "open";
  static refuses = false;
  static isTypeSupported = (mime: string) => mime !== "hevc";
  readyState = FakeSource.begins;
  readonly buffer = new FakeBuffer();
  constructor() {
    super();
    FakeSource.newest = this;
  }
  addSourceBuffer(mime: string): FakeBuffer {
    if (this.readyState !== "open") throw new DOMException("not yet", "InvalidStateError");
    if (FakeSource.refuses) throw new DOMException("too many", "QuotaExceededError");
    told.push(`add ${mime}`);
    return this.buffer;
  }
}

beforeEach(() => {
  told.length = 0;
  FakeSource.begins = "open";
  FakeSource.refuses = false;
  vi.stubGlobal("MediaSource", FakeSource);
  vi.stubGlobal("ManagedMediaSource", undefined);
  URL.createObjectURL = () => "blob:1";
});

const part = (number: number) => new Uint8Array([number]);

test("another codec is changed to in its place between the pictures, and one that is not decoded is said to be so", () => {
  const failed = vi.fn();
  const buffer = new PictureBuffer(document.createElement("video"), failed);
  expect(buffer.describe("a", "avc1", part(1))).toBe(true);
  buffer.push(part(2));
  expect(buffer.describe("b", "hevc", part(3))).toBe(false);
  expect(buffer.describe("c", "avc1 other", part(4))).toBe(true);
  buffer.push(part(5));
  for (let step = 0; step < 4; step++) FakeSource.newest.buffer.done();
  expect(told).toEqual(["add avc1", "append 1", "append 2", "type avc1 other", "append 4", "append 5"]);
  expect(buffer.describe("a", "avc1", part(6))).toBe(true);
  for (let step = 0; step < 2; step++) FakeSource.newest.buffer.done();
  expect(told.slice(-2)).toEqual(["type avc1", "append 6"]);
  expect(failed).not.toHaveBeenCalled();
});

test("pictures that come before the browser has opened its source wait for it", () => {
  FakeSource.begins = "closed";
  const failed = vi.fn();
  const buffer = new PictureBuffer(document.createElement("video"), failed);
  expect(buffer.describe("a", "avc1", part(1))).toBe(true);
  buffer.push(part(2));
  expect(told).toEqual([]);
  FakeSource.newest.readyState = "open";
  FakeSource.newest.dispatchEvent(new Event("sourceopen"));
  FakeSource.newest.buffer.done();
  expect(told).toEqual(["add avc1", "append 1", "append 2"]);
  expect(failed).not.toHaveBeenCalled();
});

test("a browser that gives no buffer fails with the codec's name, and nothing is thrown", () => {
  FakeSource.refuses = true;
  const failed = vi.fn();
  const buffer = new PictureBuffer(document.createElement("video"), failed);
  expect(buffer.describe("a", "avc1", part(1))).toBe(true);
  expect(failed).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: "playback.undecoded", en: expect.stringContaining("avc1") as string }));
});

test("a head that is dropped with what waited is told again, and the one that the buffer has is not", () => {
  const buffer = new PictureBuffer(document.createElement("video"), vi.fn());
  buffer.describe("a", "avc1", part(1));
  buffer.describe("b", "avc1 other", part(2));
  buffer.clear();
  FakeSource.newest.buffer.done();
  expect(buffer.describe("a", "avc1", part(3))).toBe(true);
  buffer.push(part(4));
  buffer.describe("b", "avc1 other", part(5));
  for (let step = 0; step < 3; step++) FakeSource.newest.buffer.done();
  expect(told).toEqual(["add avc1", "append 1", "remove", "append 4", "type avc1 other", "append 5"]);
});

test("a buffer that is full takes what waits as soon as something was seen and forgotten", () => {
  const failed = vi.fn();
  const buffer = new PictureBuffer(document.createElement("video"), failed);
  const inner = FakeSource.newest.buffer;
  buffer.describe("a", "avc1", part(1));
  inner.done();
  [inner.full, inner.seconds] = [true, [10, 30]];
  buffer.push(part(2));
  buffer.push(part(3));
  expect([buffer.isFull, buffer.isBusy]).toEqual([true, true]);
  expect(buffer.trim(11)).toBeUndefined();
  expect(buffer.trim(15)).toBe(14);
  inner.full = false;
  inner.done();
  inner.done();
  expect(told).toEqual(["add avc1", "append 1", "remove", "append 2", "append 3"]);
  inner.done();
  expect([buffer.isFull, buffer.isBusy]).toEqual([false, false]);
  expect(failed).not.toHaveBeenCalled();
});

test("a buffer that is full is emptied for other times", () => {
  const buffer = new PictureBuffer(document.createElement("video"), vi.fn());
  const inner = FakeSource.newest.buffer;
  buffer.describe("a", "avc1", part(1));
  inner.done();
  [inner.full, inner.seconds] = [true, [10, 30]];
  buffer.push(part(2));
  buffer.clear();
  inner.full = false;
  inner.done();
  buffer.push(part(3));
  inner.done();
  expect(told).toEqual(["add avc1", "append 1", "remove", "append 3"]);
  expect([buffer.isFull, buffer.isBusy]).toEqual([false, false]);
});
