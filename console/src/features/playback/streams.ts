import type { Period } from "../../ui/footage/pieces";

export const STREAMS = ["main", "sub"] as const;
export type Stream = (typeof STREAMS)[number];

/** Footage without a gap, of one stream. */
export interface StreamSpan extends Period {
  stream: Stream;
}

export const otherThan = (stream: Stream): Stream => (stream === "main" ? "sub" : "main");

/** Another stream is not turned to for less: it would have to be opened, and left again. */
const LEAST_US = 2e6;

/** What of each part is in none of the others. Both ascending. */
function without(parts: readonly Period[], others: readonly Period[]): Period[] {
  return others.reduce<Period[]>(
    (left, other) =>
      left.flatMap((one) => {
        const [before, after] = [{ ...one, toUs: Math.min(one.toUs, other.fromUs) }, { ...one, fromUs: Math.max(one.fromUs, other.toUs) }];
        return [before, after].filter(({ fromUs, toUs }) => fromUs < toUs);
      }),
    [...parts],
  );
}

/** What of a camera's footage is played: that of the chosen stream, else of the `first`, and of the other one where that has none. Ascending. Pure. */
export function playedSpans(kept: Readonly<Record<Stream, readonly Period[]>>, chosen: Stream | undefined, first: Stream = "main"): StreamSpan[] {
  const of = (stream: Stream, spans: readonly Period[]) => spans.map(({ fromUs, toUs }) => ({ fromUs, toUs, stream }));
  if (chosen !== undefined) return of(chosen, kept[chosen]);
  const second = otherThan(first);
  const filling = without(kept[second], kept[first]).filter((one) => one.toUs - one.fromUs >= LEAST_US);
  return [...of(first, kept[first]), ...of(second, filling)].sort((one, other) => one.fromUs - other.fromUs);
}

/** What of some parts is in others as well. Both ascending. Pure. */
export function common(parts: readonly Period[], others: readonly Period[]): Period[] {
  return parts.flatMap((one) => others.map((other) => ({ fromUs: Math.max(one.fromUs, other.fromUs), toUs: Math.min(one.toUs, other.toUs) })).filter(({ fromUs, toUs }) => fromUs < toUs));
}

/** What of the played footage was fetched from the device. Pure. */
export const fetchedOf = (spans: readonly StreamSpan[], fetched: Readonly<Record<Stream, readonly Period[]>>): Period[] => spans.flatMap((one) => common([one], fetched[one.stream]));

/** Moments that the node recorded more than once, for its clock was set back: at most so often. */
export interface Twice extends Period {
  times: number;
}

/** What of the played footage there is more than once. Pure. */
export const twiceOf = (spans: readonly StreamSpan[], of: (stream: Stream) => readonly Twice[]): Twice[] => spans.flatMap((span) => of(span.stream).flatMap((one) => common([span], [one]).map((part) => ({ ...part, times: one.times }))));

/** The stream that is played at an instant: the one that has footage then, else the one whose footage is nearest. Pure. */
export function streamAt(spans: readonly StreamSpan[], atUs: number): Stream {
  const away = (one: Period) => Math.max(one.fromUs - atUs, atUs - one.toUs + 1, 0);
  return spans.reduce<StreamSpan | undefined>((nearest, one) => (nearest === undefined || away(one) < away(nearest) ? one : nearest), undefined)?.stream ?? "main";
}
