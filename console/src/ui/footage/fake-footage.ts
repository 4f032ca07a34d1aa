import type { Answer, Fragment, Missing } from "./pieces";

// A node with recorded footage and a browser that shows it, for the tests of what lies between.
const FROM_US = 1_764_000_000_000_000;
export const at = (seconds: number) => FROM_US + seconds * 1e6;
export const PERIOD = { fromUs: FROM_US, toUs: at(3_600) };
const IS_KEY = 0x0200_0000;
const IS_NONE = 0x0101_0000;

const box = (name: string, ...parts: Uint8Array[]): Uint8Array => {
  const length = 8 + parts.reduce((sum, one) => sum + one.length, 0);
  const made = new Uint8Array(length);
  new DataView(made.buffer).setUint32(0, length);
  made.set([...name].map((one) => one.charCodeAt(0)), 4);
  parts.reduce((to, one) => (made.set(one, to), to + one.length), 8);
  return made;
};
const numbers = (...values: number[]) => {
  const made = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, one) => made.setUint32(4 * one, value));
  return new Uint8Array(made.buffer);
};
/** As the node writes it: the flags of the first sample stand in `trun`. Where its pictures lie stands where they would be. */
function fragmentOf(from: number, to: number, key: boolean): Uint8Array {
  const head = box("moof", box("mfhd", numbers(0, 1)), box("traf", box("tfhd", numbers(0x02_0020, 1, IS_NONE)), box("tfdt", numbers(0x0100_0000, 0, 0)), box("trun", numbers(0x0100_0005, 1, 0, key ? IS_KEY : IS_NONE))));
  const times = new Float64Array([from, to]);
  const body = box("mdat", new Uint8Array(times.buffer));
  const whole = new Uint8Array(head.length + body.length);
  whole.set(head);
  whole.set(body, head.length);
  return whole;
}

/** `shows`: its last picture ends before it does; `times`: of its pictures, in seconds after it begins. */
export type Part = { from: number; to: number; key: boolean; shows?: number; times?: number[] } | { from: number; to: number; lacks: Missing["kind"] };

export const node = {
  /** What it has, in seconds of the period, in order. */
  has: [] as Part[],
  /** What it was asked. */
  asks: [] as string[],
  /** The browser shows nothing of it. */
  dark: false,
};

export class FakeSocket {
  static readonly OPEN = 1;
  readyState = 1;
  onmessage: ((message: { data: string | ArrayBuffer }) => void) | null = null;
  onclose: (() => void) | null = null;
  send(ask: string): void {
    node.asks.push(ask);
    const [number, way, atUs, how, count] = ask.split(" ");
    const wanted = (Number(atUs) - FROM_US) / 1e6;
    if (way === "back") return this.answer({ number: Number(number), way, ...before(wanted, Number(count)), bytes: 0 });
    const there = node.has.findIndex((one) => one.to > wanted + 1e-9);
    let first = there;
    if (how === "seek") while (first > 0 && isPart(node.has[first])) first -= 1;
    let pieces: Answer["pieces"] = [{ kind: "init", id: "a", mime: "avc", width: 16, height: 16, bytes: 0 }];
    let parts: Uint8Array[] = [];
    let next = wanted;
    let left = Number(count);
    for (const one of first < 0 ? [] : node.has.slice(first)) {
      if (left === 0) break;
      if (one.from > next + 0.5) pieces.push({ kind: "gap", from_us: at(next), to_us: at(one.from) });
      next = one.to;
      if ("lacks" in one) {
        pieces.push({ kind: one.lacks, from_us: at(one.from), to_us: at(one.to), reason: "its bytes do not agree with their checksum" });
        continue;
      }
      const faster = way === "keys" ? 8 : 1;
      const part = fragmentOf(one.from / faster, (one.shows ?? one.to) / faster, one.key);
      parts.push(part);
      pieces.push({ kind: "fragment", from_us: at(one.from), to_us: at(one.to), camera_us: null, clock_error_us: null, from_device: false, times_us: (one.times ?? [0]).map((time) => Math.round(time * 1e6)), bytes: part.length } as Fragment);
      left -= 1;
    }
    if (way === "peek" && pieces.some((one) => one.kind === "gap")) [pieces, parts] = [pieces.filter((one) => one.kind === "gap"), []];
    const ended = left > 0;
    const bytes = parts.reduce((sum, one) => sum + one.length, 0);
    const whole = new Uint8Array(bytes);
    parts.reduce((to, one) => (whole.set(one, to), to + one.length), 0);
    this.answer({ number: Number(number), way: way as Answer["way"], next_us: at(next), ended, bytes, pieces: pieces.length === 1 ? [] : pieces }, whole);
  }
  private answer(answer: Answer, whole?: Uint8Array): void {
    queueMicrotask(() => {
      this.onmessage?.({ data: JSON.stringify(answer) });
      if (whole !== undefined && whole.length > 0) this.onmessage?.({ data: whole.buffer as ArrayBuffer });
    });
  }
  close(): void {}
}
/** Groups of pictures backwards, as far as they are told: their bytes are of no matter here. */
function before(wanted: number, count: number): Pick<Answer, "next_us" | "ended" | "pieces"> {
  const pieces: Answer["pieces"] = [];
  let next = wanted;
  let left = count;
  for (const [one, part] of [...node.has.entries()].reverse()) {
    if (left === 0 || part.from >= wanted || isPart(part)) continue;
    const behind = node.has.slice(one + 1);
    const ends = behind.findIndex((other) => !isPart(other));
    const to = "lacks" in part ? part.to : ([part, ...behind.slice(0, ends < 0 ? behind.length : ends)].at(-1)?.to ?? part.to);
    if (next - to > 0.5) pieces.push({ kind: "gap", from_us: at(to), to_us: at(next) });
    next = part.from;
    if ("lacks" in part) pieces.push({ kind: part.lacks, from_us: at(part.from), to_us: at(to) });
    else pieces.push({ kind: "fragment", from_us: at(part.from), to_us: at(to), camera_us: null, clock_error_us: null, from_device: false, times_us: [0], bytes: 0 });
    left -= "lacks" in part ? 0 : 1;
  }
  return { next_us: at(next), ended: left > 0, pieces };
}
const isPart = (one: Part | undefined) => one !== undefined && "key" in one && !one.key;

class FakeBuffer extends EventTarget {
  updating = false;
  private ranges: [number, number][] = [];
  get buffered() {
    return { length: this.ranges.length, start: (one: number) => this.ranges[one]?.[0] ?? 0, end: (one: number) => this.ranges[one]?.[1] ?? 0 };
  }
  appendBuffer(part: Uint8Array<ArrayBuffer>): void {
    const times = part.length < 16 || node.dark ? undefined : new Float64Array(part.slice(-16).buffer);
    if (times !== undefined) this.ranges = joined([...this.ranges, [times[0] ?? 0, times[1] ?? 0]]);
    this.work();
  }
  remove(from: number, to: number): void {
    this.ranges = this.ranges.flatMap(([start, end]) => [...(start < from ? [[start, Math.min(end, from)] as [number, number]] : []), ...(end > to ? [[Math.max(start, to), end] as [number, number]] : [])]);
    this.work();
  }
  private work(): void {
    this.updating = true;
    queueMicrotask(() => {
      this.updating = false;
      this.dispatchEvent(new Event("updateend"));
    });
  }
}
const joined = (ranges: [number, number][]) =>
  ranges
    .sort(([one], [other]) => one - other)
    .reduce<[number, number][]>((found, [start, end]) => {
      const last = found.at(-1);
      return last !== undefined && start <= last[1] + 1e-6 ? [...found.slice(0, -1), [last[0], Math.max(last[1], end)]] : [...found, [start, end]];
    }, []);

export class FakeSource extends EventTarget {
  static isTypeSupported = () => true;
  readyState = "open";
  addSourceBuffer = () => new FakeBuffer();
}

/** Each begins with a key frame. */
export const groups = (from: number, to: number, length = 2): Part[] => Array.from({ length: (to - from) / length }, (_, one) => ({ from: from + one * length, to: from + (one + 1) * length, key: true }));
