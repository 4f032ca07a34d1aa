import { useQueries, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import type { Period } from "../../ui/footage/pieces";
import { useZone, wallTime } from "../../ui/zone";
import { alarmMark, bookmarkMark, eventMark, gapMark, inOrder, isoOf, type Mark } from "./marks";
import { dayAfter } from "./week";

const SOON_MS = 15_000;
const MINUTE_MS = 60_000;
/** Of one camera, the newest; that there are more is told. */
const MOST_ALARMS = 500;

export interface Marks {
  marks: readonly Mark[];
  /** Some could not be read: what is shown is not all. */
  failed: boolean;
  /** Of some camera there are more than one answer tells. */
  cut: boolean;
  /** Some reach beyond what one's tickets open. */
  beyond: boolean;
  again: () => void;
}

interface Read<T> {
  data: readonly (T | undefined)[];
  failed: boolean;
}

/** Stays the same while what was read does: there are as many as ninety questions, and the page is drawn ten times a second. */
function joined<T>(results: UseQueryResult<T>[]): Read<T> {
  return { data: results.map((one) => one.data), failed: results.some((one) => one.isError) };
}

/** Days by name that have begun, both with. */
function begun(span: Period, zone: string): string[] {
  const names: string[] = [];
  const [first, last] = [wallTime(span.fromUs / 1_000, zone).slice(0, 10), wallTime(Math.min(span.toUs - 1, Date.now() * 1_000) / 1_000, zone).slice(0, 10)];
  for (let name = first; name <= last; name = dayAfter(name, 1)) names.push(name);
  return names;
}

const pastSpan = (span: Period) => ({ from: isoOf(span.fromUs), to: isoOf(span.toUs) });

/** What stands on the timeline of these cameras: bookmarks where a ticket opens the footage (`periods`), events and gaps in all of `span`. */
export function useMarks(periods: ReadonlyMap<string, readonly Period[]>, span: Period, withdrawn: boolean): Marks {
  const zone = useZone();
  const queries = useQueryClient();
  const codes = [...periods.keys()];
  const opened = codes.flatMap((code) => (periods.get(code) ?? []).map((period) => ({ code, period })));
  const noted = useQueries({
    queries: opened.map(({ code, period }) => ({
      queryKey: ["bookmarks", code, period.fromUs, period.toUs, withdrawn],
      retry: false,
      queryFn: () => body(api.GET("/api/v1/cameras/{code}/bookmarks", { params: { path: { code }, query: { ...pastSpan(period), withdrawn } } })),
    })),
    combine: joined<Schemas["BookmarkList"]>,
  });
  const happened = useQueries({
    queries: codes.map((code) => ({
      queryKey: ["recording-events", code, span.fromUs, span.toUs],
      retry: false,
      refetchInterval: SOON_MS,
      queryFn: () => body(api.GET("/api/v1/cameras/{code}/recording-events", { params: { path: { code }, query: pastSpan(span) } })),
    })),
    combine: joined<Schemas["PastEventList"]>,
  });
  const alarmed = useQueries({
    queries: codes.map((code) => ({
      queryKey: ["camera-alarms", code, span.fromUs, span.toUs],
      retry: false,
      refetchInterval: SOON_MS,
      queryFn: async () => ({ camera: code, ...(await body(api.GET("/api/v1/alarms", { params: { query: { camera: code, limit: MOST_ALARMS, ...pastSpan(span) } } }))) }),
    })),
    combine: joined<Schemas["AlarmPage"] & { camera: string }>,
  });
  const days = begun(span, zone);
  const lacking = useQueries({
    queries: codes.flatMap((code) =>
      days.map((day, at) => ({
        queryKey: ["recording-gaps", code, day],
        retry: false,
        staleTime: MINUTE_MS,
        refetchInterval: at === days.length - 1 ? MINUTE_MS : (false as const),
        queryFn: () => body(api.GET("/api/v1/cameras/{code}/recording-gaps", { params: { path: { code }, query: { day } } })),
      })),
    ),
    combine: joined<Schemas["GapList"]>,
  });
  const marks = useMemo(() => {
    const bookmarks = new Map(noted.data.flatMap((list) => list?.items ?? []).map((one) => [one.id, one])); // two tickets may open one time
    return inOrder([
      ...[...bookmarks.values()].map(bookmarkMark),
      ...alarmed.data.flatMap((list) => list?.items.map((one) => alarmMark(list.camera, one)) ?? []),
      ...happened.data.flatMap((list) => list?.items.map((one) => eventMark(list.camera, one)) ?? []),
      ...lacking.data.flatMap((list) => list?.items.map((one) => gapMark(list.camera, one)) ?? []),
    ]);
  }, [noted, happened, alarmed, lacking]);
  const again = () => ["bookmarks", "recording-events", "camera-alarms", "recording-gaps"].forEach((what) => void queries.invalidateQueries({ queryKey: [what] }));
  const cut = [...noted.data, ...happened.data].some((list) => list?.whole === false) || alarmed.data.some((list) => typeof list?.next === "string");
  const beyond = noted.data.some((list) => (list?.beyond ?? 0) > 0);
  return { marks, failed: noted.failed || happened.failed || alarmed.failed || lacking.failed, cut, beyond, again };
}
