import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Input } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useAct } from "../act";
import { useWords } from "../language";
import type { CameraName } from "./camera-pages";

type Group = Schemas["GroupShape"];

export interface Folder {
  id: string;
  /** Left out: the favourites. */
  group?: Group;
  name: string;
  title: string;
  cameras: readonly CameraName[];
  mayChange: boolean;
}

interface Folders {
  folders: readonly Folder[];
  isMarked: (code: string | undefined) => boolean;
  /** Makes a camera a favourite, or no longer. */
  mark: (code: string) => Promise<boolean>;
  change: (folder: Folder, change: { add?: string[]; remove?: string[] }) => Promise<boolean>;
}

const KEPT = ["cameras", "kept"];
const REFRESH_MS = 30_000;

/** One's favourites, when there are any, and the groups that one may use. */
export function useFolders(): Folders {
  const { t } = useWords();
  const { act } = useAct();
  const cache = useQueryClient();
  const favourites = useQuery({ queryKey: [...KEPT, "favourites"], queryFn: () => body(api.GET("/api/v1/favourites")), refetchInterval: REFRESH_MS });
  const groups = useQuery({ queryKey: [...KEPT, "groups"], queryFn: () => body(api.GET("/api/v1/camera-groups")), refetchInterval: REFRESH_MS });
  const marked = favourites.data?.items ?? [];
  const own: Folder = { id: "favourites", name: t("tree.favourites"), title: t("tree.favourites"), cameras: marked, mayChange: true };
  const shared = (group: Group) => (group.mine ? group.name : `${group.name}\n${t("tree.groupOf", { owner: group.owner })}`);
  const others = (groups.data?.items ?? []).map((group): Folder => ({ id: `group-${group.id}`, group, name: group.name, title: shared(group), cameras: group.cameras, mayChange: group.may_change }));
  const codes = new Set(marked.map((camera) => camera.code));
  const write = (what: () => Promise<unknown>) =>
    act(async () => {
      await what();
      await cache.invalidateQueries({ queryKey: KEPT });
    });
  const changeFavourites = (change: { add?: string[]; remove?: string[] }) => write(() => body(api.PATCH("/api/v1/favourites", { body: { add: [], remove: [], ...change } })));
  return {
    folders: marked.length > 0 ? [own, ...others] : others,
    isMarked: (code) => code !== undefined && codes.has(code),
    mark: (code) => changeFavourites(codes.has(code) ? { remove: [code] } : { add: [code] }),
    change: ({ group }, change) =>
      group === undefined
        ? changeFavourites(change)
        : write(() => body(api.PATCH("/api/v1/camera-groups/{group}", { params: { path: { group: group.id } }, body: { add: [], remove: [], ...change } }))),
  };
}

/** The button for a new group, and while it is named the field instead of what stands beside it. */
export function useNewGroup() {
  const { t } = useWords();
  const { act, busy } = useAct();
  const cache = useQueryClient();
  const [name, setName] = useState<string>();
  const make = async () => {
    const made = await act(async () => {
      await body(api.POST("/api/v1/camera-groups", { body: { name: name ?? "", cameras: [] } }));
      await cache.invalidateQueries({ queryKey: KEPT });
    });
    if (made) setName(undefined);
  };
  const naming =
    name === undefined ? undefined : (
      <Input
        autoFocus
        size="small"
        value={name}
        disabled={busy}
        maxLength={64}
        aria-label={t("tree.groupName")}
        placeholder={t("tree.groupName")}
        data-testid="new-group-name"
        onChange={(event) => setName(event.target.value)}
        onPressEnter={() => void make()}
        onKeyDown={(event) => event.stopPropagation()}
        onKeyUp={(event) => {
          if (event.key === "Escape") setName(undefined);
        }}
      />
    );
  const field =
    name === undefined ? (
      <button type="button" className="new-group" data-testid="new-group" onClick={() => setName("")}>
        {t("tree.newGroup")}
      </button>
    ) : undefined;
  return { naming, field };
}
