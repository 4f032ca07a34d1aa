import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useAct } from "../act";

export type Group = Schemas["GroupShape"];
export type GroupChange = Partial<Schemas["GroupChange"]>;
export type NewGroup = Pick<Schemas["NewGroup"], "name"> & Partial<Schemas["NewGroup"]>;

/** Not among the cameras: states are written into it as the news tell them, and nothing of it is asked anew for that. */
const KEPT = ["kept-cameras"];
const REFRESH_MS = 30_000;
const GROUPS = [...KEPT, "groups"];

/** Favourites and groups as the node has them; each change is seen at once, and what is refused is told. */
export function useGroups() {
  const { act, busy } = useAct();
  const cache = useQueryClient();
  const favourites = useQuery({ queryKey: [...KEPT, "favourites"], queryFn: () => body(api.GET("/api/v1/favourites")), refetchInterval: REFRESH_MS });
  const groups = useQuery({ queryKey: GROUPS, queryFn: () => body(api.GET("/api/v1/camera-groups")), refetchInterval: REFRESH_MS });
  const write = useCallback(
    async <T>(what: () => Promise<T>): Promise<T | undefined> => {
      let answer: T | undefined;
      await act(async () => {
        answer = await what();
        await cache.invalidateQueries({ queryKey: KEPT });
      });
      return answer;
    },
    [act, cache],
  );
  return {
    busy,
    favourites: favourites.data?.items,
    groups: groups.data?.items,
    /** Why the groups are not known. */
    error: groups.data === undefined ? groups.error : null,
    changeFavourites: (change: Partial<Schemas["ListChange"]>) => write(() => body(api.PATCH("/api/v1/favourites", { body: { add: [], remove: [], order: [], ...change } }))),
    addGroup: (made: NewGroup) => write(() => body(api.POST("/api/v1/camera-groups", { body: { cameras: [], take_what_may: false, ...made } }))),
    changeGroup: (group: number, change: GroupChange) =>
      write(() => body(api.PATCH("/api/v1/camera-groups/{group}", { params: { path: { group } }, body: { add: [], remove: [], order: [], take_what_may: false, ...change } }))),
    removeGroup: (group: number) =>
      write(async () => {
        await api.DELETE("/api/v1/camera-groups/{group}", { params: { path: { group } } });
        return true;
      }),
  };
}
