import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { api, body } from "../../api-client/client";
import { useAskedAnew } from "../use-asked-anew";
import type { Points } from "./points";

const POINTS = ["situation", "points"];
const HOW = ["situation", "states"];
const STATE_NEWS = ["device.status", "device.changed", "camera.status"];
const REFRESH_MS = 15_000;
/** Operators' own names and places come with no news. */
const ANEW_MS = 5 * 60_000;

/** Every camera with a place, its state as fresh as the node's news. */
export function usePoints(): { points: Points | undefined; error: Error | null } {
  const queries = useQueryClient();
  const all = useQuery({ queryKey: POINTS, structuralSharing: false, staleTime: ANEW_MS, refetchInterval: ANEW_MS, queryFn: ({ signal }) => body(api.GET("/api/v1/camera-points", { signal })) });
  const how = useQuery({ queryKey: HOW, enabled: all.data !== undefined, structuralSharing: false, staleTime: REFRESH_MS, refetchInterval: REFRESH_MS, queryFn: ({ signal }) => body(api.GET("/api/v1/camera-states", { signal })) });

  useAskedAnew((event) => {
    if (event.type === "camera.passed" || (event.type === "catalogue.progress" && event["done"] === true)) return POINTS;
    return STATE_NEWS.includes(event.type) ? HOW : undefined;
  });

  const others = all.data !== undefined && how.data !== undefined && how.dataUpdatedAt > all.dataUpdatedAt && how.data.cameras !== all.data.cameras;
  useEffect(() => {
    if (others) void queries.invalidateQueries({ queryKey: POINTS });
  }, [queries, others]);

  const fresh = how.data !== undefined && how.data.cameras === all.data?.cameras && how.dataUpdatedAt > all.dataUpdatedAt ? how.data.states : all.data?.states;
  const points = useMemo(() => (all.data === undefined || fresh === undefined ? undefined : { ...all.data, states: fresh }), [all.data, fresh]);
  return { points, error: points === undefined ? all.error : null };
}
