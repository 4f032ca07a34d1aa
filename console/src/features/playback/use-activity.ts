import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import type { Period } from "../../ui/footage/pieces";
import { partsOf, type Curve } from "./activity";
import type { Stream } from "./streams";
import type { CameraFootage } from "./use-footage";

const iso = (us: number) => new Date(us / 1_000).toISOString();
const us = (at: string) => Date.parse(at) * 1_000;
/** A curve whose time has not passed yet grows. */
const GROWS_MS = 60_000;
const NO_TIME: Period = { fromUs: 0, toUs: 0 };

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

/** How much moves at cameras, as far as tickets open their footage of the day. */
export function useActivity(codes: readonly string[], footage: ReadonlyMap<string, CameraFootage>): ReadonlyMap<string, Curve> {
  const found = useQueries({
    queries: codes.map((code) => {
      const period = footage.get(code)?.period;
      const stream = footage.get(code)?.stream;
      const isThere = footage.get(code)?.spans.some((one) => one.stream === stream) === true;
      return {
        ...activity(code, period ?? NO_TIME, stream ?? "main"),
        enabled: period !== undefined && stream !== undefined && isThere,
        refetchInterval: period !== undefined && period.toUs > Date.now() * 1_000 ? GROWS_MS : (false as const),
      };
    }),
  });
  const versions = found.map((one) => one.dataUpdatedAt).join();
  return useMemo(
    () => new Map(codes.flatMap((code, at) => (found[at]?.data === undefined ? [] : [[code, found[at].data]]))),
    // What is found is another object each time; its version says when it is another answer.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [codes.join(), versions],
  );
}
