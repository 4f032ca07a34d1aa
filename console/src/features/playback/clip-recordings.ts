import { useQueries } from "@tanstack/react-query";
import type { Period } from "../../ui/footage/pieces";
import { common, STREAMS, type Stream, type Twice } from "./streams";
import { question } from "./use-footage";

/** One of a camera's recordings of a time. */
export interface ClipRecording {
  stream: Stream;
  /** Of moments that were recorded more than once this one, counted as they were made. */
  recording: number;
  /** Of the time, that there is footage. */
  seconds: number;
  /** Of that, fetched from the device afterwards. */
  fetched: number;
}

interface Kept {
  spans: readonly Period[];
  fetched: readonly Period[];
  twice: readonly Twice[];
}

const seconds = (parts: readonly Period[]) => parts.reduce((sum, one) => sum + (one.toUs - one.fromUs) / 1e6, 0);

/** What there is to choose from: the main stream's first, then the sub-stream's. Pure. */
export function recordingsOf(span: Period, kept: Readonly<Partial<Record<Stream, Kept>>>): ClipRecording[] {
  return STREAMS.flatMap((stream) => {
    const told = kept[stream];
    const there = told === undefined ? [] : common([span], told.spans);
    if (told === undefined || there.length === 0) return [];
    const times = Math.max(1, ...told.twice.filter((one) => one.fromUs < span.toUs && one.toUs > span.fromUs).map((one) => one.times));
    const facts = { stream, seconds: seconds(there), fetched: seconds(common([span], told.fetched)) };
    return Array.from({ length: times }, (_, at) => ({ ...facts, recording: at + 1 }));
  });
}

/** The same of a camera, asked for; undefined until it is known. `only`: of these streams. */
export function useRecordings(code: string, span: Period, only: readonly Stream[]): ClipRecording[] | undefined {
  const asked = useQueries({ queries: only.map((stream) => question(code, span, stream)) });
  if (asked.some((one) => one.isPending)) return undefined;
  return recordingsOf(span, Object.fromEntries(only.map((stream, at) => [stream, asked[at]?.data])));
}
