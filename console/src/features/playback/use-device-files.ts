import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { ApiProblem, api, body, type Problem, type Schemas } from "../../api-client/client";
import type { Period } from "../../ui/footage/pieces";
import type { CameraFootage } from "./use-footage";

export interface DeviceFiles {
  /** What the device says that it has, each without a gap, in their order; undefined while it is asked. */
  stretches: Period[] | undefined;
  /** Why that is not all: how many it says there are, and how many came with a time. */
  lacking: { told: number; came: number } | undefined;
  problem: Problem | undefined;
  askAgain: () => void;
}

/** Files that follow each other within this are one stretch: devices cut at whole seconds. */
const TOUCHING_US = 2_000_000;
const us = (at: string) => Date.parse(at) * 1_000;

/** Overlapping and touching files as one stretch each. Pure. */
export function stretchesOf(files: readonly Schemas["DeviceFileShape"][]): Period[] {
  const spans = files.map((one) => ({ fromUs: us(one.from), toUs: us(one.to) })).sort((one, other) => one.fromUs - other.fromUs);
  return spans.reduce<Period[]>((found, one) => {
    const last = found.at(-1);
    if (last === undefined || one.fromUs > last.toUs + TOUCHING_US) return [...found, one];
    return [...found.slice(0, -1), { fromUs: last.fromUs, toUs: Math.max(last.toUs, one.toUs) }];
  }, []);
}

/** What devices have recorded themselves of the day, of those cameras for which it is wanted; asked once, for it takes seconds. */
export function useDeviceFiles(codes: readonly string[], footage: ReadonlyMap<string, CameraFootage>): ReadonlyMap<string, DeviceFiles> {
  const found = useQueries({
    queries: codes.map((code) => {
      const period = footage.get(code)?.period;
      return {
        queryKey: ["device-files", code, period?.fromUs, period?.toUs],
        retry: false,
        staleTime: Infinity,
        enabled: period !== undefined,
        queryFn: () => body(api.GET("/api/v1/cameras/{code}/device-recordings", { params: { path: { code }, query: period && { from: new Date(period.fromUs / 1_000).toISOString(), to: new Date(period.toUs / 1_000).toISOString() } } })),
        select: (list: Schemas["DeviceFileList"]) => ({ stretches: stretchesOf(list.items), lacking: list.whole && list.unreadable === 0 ? undefined : { told: Math.max(list.told, list.came), came: list.came - list.unreadable } }),
      };
    }),
  });
  const versions = found.map((one) => `${one.dataUpdatedAt}/${one.errorUpdatedAt}/${one.fetchStatus}`).join();
  return useMemo(
    () =>
      new Map(
        codes.map((code, at) => {
          const one = found[at];
          return [code, { stretches: one?.data?.stretches, lacking: one?.data?.lacking, problem: one?.error instanceof ApiProblem ? one.error.problem : undefined, askAgain: () => void one?.refetch() }];
        }),
      ),
    // What is found is another object each time; its version says when it is another answer.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [codes.join(), versions],
  );
}
