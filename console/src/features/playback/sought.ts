import type { Period } from "../../ui/footage/pieces";
import type { Stream, StreamSpan } from "./streams";

/** What of some parts lies in a time. Pure, as all below. */
export function cutTo<T extends Period>(parts: readonly T[], wanted: Period): T[] {
  return parts.map((one) => ({ ...one, fromUs: Math.max(one.fromUs, wanted.fromUs), toUs: Math.min(one.toUs, wanted.toUs) })).filter(({ fromUs, toUs }) => fromUs < toUs);
}

const lengthOf = ({ fromUs, toUs }: Period) => toUs - fromUs;

/** The longest that one of some parts has of a time: a search goes under one ticket. */
export function longestWithin(parts: readonly Period[], wanted: Period): Period | undefined {
  return cutTo(parts, wanted).reduce<Period | undefined>((most, one) => (most === undefined || lengthOf(one) > lengthOf(most) ? one : most), undefined);
}

/** The stream of which there is most. */
export function mostOf(spans: readonly StreamSpan[]): Stream {
  const lasts = (stream: Stream) => spans.filter((one) => one.stream === stream).reduce((sum, one) => sum + lengthOf(one), 0);
  return lasts("sub") > lasts("main") ? "sub" : "main";
}
