import { beginsWithKey } from "./fragment-head";
import type { PictureBuffer } from "./picture-buffer";
import type { Answer } from "./pieces";
import { HOLE_US, NEVER, type Told } from "./told";

/** Takes in what was asked for from `atUs` on: its pictures into the buffer, the rest as what is known of that time, holes that nobody told among
 *  it. Returns where it begins, which may lie before what was asked for: with the key frame; undefined when nothing came. */
export function takeAnswer(answer: Answer, bytes: ArrayBuffer, atUs: number, told: Told, buffer: PictureBuffer): number | undefined {
  const back = answer.way === "back";
  let begunUs: number | undefined;
  let reachedUs = atUs;
  const reach = (fromUs: number, toUs: number) => {
    const [from_us, to_us] = back ? [toUs, reachedUs] : [reachedUs, fromUs];
    told.answered(Math.min(fromUs, reachedUs), Math.max(toUs, reachedUs));
    if (to_us - from_us > HOLE_US) told.lacks({ kind: "gap", from_us, to_us }, NEVER);
    reachedUs = back ? fromUs : toUs;
  };
  let at = 0;
  let shows = true;
  for (const piece of answer.pieces) {
    if (piece.kind === "init") {
      shows = buffer.describe(piece.id, piece.mime, new Uint8Array(bytes, at, piece.bytes));
      at += piece.bytes;
      continue;
    }
    begunUs ??= back ? Math.max(piece.to_us, atUs) : Math.min(piece.from_us, atUs);
    reach(piece.from_us, piece.to_us);
    if (piece.kind !== "fragment") {
      told.lacks(piece);
      continue;
    }
    const part = new Uint8Array(bytes, at, piece.bytes);
    at += piece.bytes;
    if (!shows) told.lacks({ kind: "undecoded", from_us: piece.from_us, to_us: piece.to_us }, NEVER);
    else {
      told.take(piece, beginsWithKey(part));
      buffer.push(part);
    }
  }
  reach(answer.next_us, answer.next_us); // what was passed over without a word
  if (!back) told.read.add(begunUs ?? atUs, answer.next_us);
  return begunUs;
}
