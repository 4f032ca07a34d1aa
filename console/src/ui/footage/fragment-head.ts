/** Of a sample: it cannot be decoded without others. */
const DEPENDENT = 0x1_0000;
const FIRST_FLAGS = 0x4;
const EACH_DURATION = 0x100;
const EACH_SIZE = 0x200;
const EACH_FLAGS = 0x400;
/** What may stand in `tfhd` before a sample's flags, and how long it is. */
const BEFORE_FLAGS = [
  [0x1, 8],
  [0x2, 4],
  [0x8, 4],
  [0x10, 4],
] as const;
const DEFAULT_FLAGS = 0x20;

/** Whether a fragment (ISO/IEC 14496-12, one `moof` and its `mdat`) begins with a key frame: a group of pictures that is kept in
 *  parts has one in its first part alone. False for whatever is no fragment. Pure. */
export function beginsWithKey(part: Uint8Array): boolean {
  const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
  const traf = boxIn(view, boxIn(view, { from: 0, to: view.byteLength }, "moof"), "traf");
  const [head, run] = [boxIn(view, traf, "tfhd"), boxIn(view, traf, "trun")];
  const flags = run && (firstFlags(view, run) ?? (head && defaultFlags(view, head)));
  return flags !== undefined && (flags & DEPENDENT) === 0;
}

interface Box {
  from: number;
  to: number;
}

/** The first box of that name within another: its content. */
function boxIn(view: DataView, within: Box | undefined, name: string): Box | undefined {
  for (let at = within?.from ?? 0; within !== undefined && at + 8 <= within.to; ) {
    const length = view.getUint32(at);
    const found = String.fromCharCode(...[4, 5, 6, 7].map((by) => view.getUint8(at + by)));
    if (length < 8 || at + length > within.to) return undefined;
    if (found === name) return { from: at + 8, to: at + length };
    at += length;
  }
  return undefined;
}

const numberAt = (view: DataView, box: Box, at: number) => (box.from + at + 4 <= box.to ? view.getUint32(box.from + at) : undefined);

function firstFlags(view: DataView, run: Box): number | undefined {
  const has = numberAt(view, run, 0) ?? 0;
  const samples = 8 + (has & 0x1 ? 4 : 0);
  if (has & FIRST_FLAGS) return numberAt(view, run, samples);
  if (has & EACH_FLAGS) return numberAt(view, run, samples + (has & EACH_DURATION ? 4 : 0) + (has & EACH_SIZE ? 4 : 0));
  return undefined;
}

function defaultFlags(view: DataView, head: Box): number | undefined {
  const has = numberAt(view, head, 0) ?? 0;
  if (!(has & DEFAULT_FLAGS)) return undefined;
  return numberAt(view, head, BEFORE_FLAGS.reduce((at, [flag, length]) => at + (has & flag ? length : 0), 8));
}
