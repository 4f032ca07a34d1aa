import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, ApiProblem, body, type Problem, type Schemas } from "../../api-client/client";
import type { Period } from "../../ui/footage/pieces";
import { cornersOf, type Region } from "./region";
import type { Stream } from "./streams";

export type Found = Schemas["ChangesShape"];

const LOOK_MS = 1_000;
const iso = (us: number) => new Date(us / 1_000).toISOString();

export interface SceneSearch {
  found: Found | undefined;
  /** The place as it was when it was searched for. */
  region: Region | undefined;
  /** Why there is none, or none any more. */
  problem: Problem | undefined;
  busy: boolean;
  begin: (camera: string, stream: Stream, region: Region, period: Period) => Promise<void>;
  /** Nobody wants it any more. */
  end: () => void;
}

const isOver = (found: Found | undefined) => found !== undefined && found.state !== "waiting" && found.state !== "running";
const problemOf = (error: unknown) => (error instanceof ApiProblem ? error.problem : undefined);

/** One search for changes of a place, followed while it runs; it ends with the page. */
export function useSceneSearch(): SceneSearch {
  const [begun, setBegun] = useState<{ search: string; region: Region }>();
  const [refused, setRefused] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const search = begun?.search;
  const running = useRef<string>(undefined);
  const told = useQuery({
    queryKey: ["scene-search", search],
    enabled: search !== undefined,
    retry: false,
    gcTime: 0,
    refetchInterval: (query) => (isOver(query.state.data) || query.state.error !== null ? false : LOOK_MS),
    queryFn: () => body(api.GET("/api/v1/changes/{search}", { params: { path: { search: search ?? "" } } })),
  });
  const leave = () => {
    const left = running.current;
    running.current = undefined;
    if (left !== undefined) void api.DELETE("/api/v1/changes/{search}", { params: { path: { search: left } } }).catch(() => undefined);
  };
  useEffect(() => leave, []);
  return {
    found: told.data,
    region: begun?.region,
    problem: refused ?? problemOf(told.error),
    busy,
    begin: async (camera, stream, region, period) => {
      setBusy(true);
      setRefused(undefined);
      try {
        const order = { from: iso(period.fromUs), to: iso(period.toUs), stream, region: cornersOf(region) };
        const made = await body(api.POST("/api/v1/cameras/{code}/changes", { params: { path: { code: camera } }, body: order }));
        running.current = made.search;
        setBegun({ search: made.search, region });
      } catch (error) {
        const problem = problemOf(error);
        if (problem === undefined) throw error;
        setRefused(problem);
      } finally {
        setBusy(false);
      }
    },
    end: () => {
      leave();
      setBegun(undefined);
      setRefused(undefined);
    },
  };
}
