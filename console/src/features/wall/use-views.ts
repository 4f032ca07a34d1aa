import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { planOf, type Shown, type Wall, type WallPlan } from "../../ui/wall-state";

export type ViewLine = Schemas["ViewLine"];
export type View = Schemas["ViewShape"];
export type Step = Schemas["StepShape"];
export type WallOrder = Schemas["WallOrder"];
export type Share = Pick<ViewLine, "sharing" | "post" | "centre">;

/** A tile as the node tells it; one beyond the reader's right has a place and no name. */
export function shownOf(tile: Schemas["TileShape"] | null): Shown | undefined {
  if (tile === null) return undefined;
  if (tile.state !== "shown") return { code: "", name: "", lack: tile.state };
  return { code: tile.camera, name: tile.name, ptz: tile.ptz_type, stream: tile.stream };
}

export const planOfView = (view: Pick<View, "grid" | "tiles">): WallPlan => ({ grid: view.grid, tiles: view.tiles.map(shownOf) });

/** A wall as the node takes it: of what is shown, codes and streams alone. */
export const orderOf = (wall: Wall): WallOrder => orderOfPlan(planOf(wall));

export function orderOfPlan({ grid, tiles }: WallPlan): WallOrder {
  return { grid, tiles: tiles.map((tile) => (tile === undefined || tile.lack !== undefined ? null : { camera: tile.code, stream: tile.stream ?? "auto" })) };
}

export const fetchView = (view: number): Promise<View> => body(api.GET("/api/v1/views/{view}", { params: { path: { view } } }));

interface Views {
  items: ViewLine[];
  isLoading: boolean;
  error: Error | null;
  save: (name: string, share: Share, what: { wall: WallOrder } | { steps: Schemas["StepOrder"][] }) => Promise<View>;
  change: (view: number, what: Schemas["ViewChange"]) => Promise<View>;
  remove: (view: number) => Promise<unknown>;
}

/** What is saved and shared; each change is seen at once. */
export function useViews(): Views {
  const queries = useQueryClient();
  const found = useQuery({ queryKey: ["views"], queryFn: () => body(api.GET("/api/v1/views")) });
  const then = useCallback(
    async <T>(done: Promise<T>): Promise<T> => {
      const answer = await done;
      await queries.invalidateQueries({ queryKey: ["views"] });
      return answer;
    },
    [queries],
  );
  return {
    items: found.data?.items ?? [],
    isLoading: found.isPending,
    error: found.error,
    save: (name, share, what) => then(body(api.POST("/api/v1/views", { body: { name, ...share, ...what } }))),
    change: (view, what) => then(body(api.PATCH("/api/v1/views/{view}", { params: { path: { view } }, body: what }))),
    remove: (view) => then(api.DELETE("/api/v1/views/{view}", { params: { path: { view } } })),
  };
}
