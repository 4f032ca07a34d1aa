import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import type { Period } from "../../ui/footage/pieces";
import { partsOf, type Curve } from "./activity";
import { cutTo } from "./sought";
import type { Stream } from "./streams";
import type { OpenFootage } from "./use-footage";

const iso = (us: number) => new Date(us / 1_000).toISOString();
const us = (at: string) => Date.parse(at) * 1_000;
/** A curve whose time has not passed yet grows. */
const GROWS_MS = 60_000;

const curveOf = (told: Schemas["ActivityShape"]): Curve => ({
  period: { fromUs: us(told.from), toUs: us(told.to) },
  levels: told.levels,
  busy: told.busy.map((one) => ({ fromUs: us(one.from), toUs: us(one.to), peak: one.peak })),
});

/** How much moves at a camera in a time. */
export const activity = (code: string, period: Period, stream: Stream) => ({
  queryKey: ["activity", code, stream, period.fromUs, period.toUs],
  retry: false as const,
  staleTime: GROWS_MS,
  queryFn: async () => curveOf(await body(api.GET("/api/v1/cameras/{code}/activity", { params: { path: { code }, query: { from: iso(period.fromUs), to: iso(period.toUs), parts: partsOf(period), stream } } }))),
});

/** How much moves at cameras, a curve for each part of the time that tickets open. `footage`: of a day, or of a longer time. */
export function useActivity(codes: readonly string[], footage: ReadonlyMap<string, OpenFootage & { stream?: Stream | undefined }>): ReadonlyMap<string, readonly Curve[]> {
  const asked = codes.flatMap((code) => {
    const one = footage.get(code);
    return (one?.periods ?? []).flatMap((period) => {
      const spans = cutTo(one?.spans ?? [], period);
      const stream = spans.some((span) => span.stream === one?.stream) ? one?.stream : spans[0]?.stream;
      return stream === undefined ? [] : [{ code, period, stream }];
    });
  });
  const found = useQueries({
    queries: asked.map(({ code, period, stream }) => ({ ...activity(code, period, stream), refetchInterval: period.toUs > Date.now() * 1_000 ? GROWS_MS : (false as const) })),
  });
  const versions = found.map((one) => one.dataUpdatedAt).join();
  const names = asked.map(({ code, period, stream }) => `${code} ${stream} ${period.fromUs}`).join();
  return useMemo(
    () => new Map(codes.map((code) => [code, asked.flatMap((one, at) => (one.code === code ? (found[at]?.data ?? []) : []))])),
    // What is found is another object each time; its version says when it is another answer.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [codes.join(), names, versions],
  );
}
