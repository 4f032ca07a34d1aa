import { useMemo } from "react";
import { useWords } from "../language";
import type { TextKey } from "../texts";
import type { CameraName } from "./camera-pages";
import { useGroups, type Group } from "./use-groups";

export interface Folder {
  id: string;
  /** Left out: the favourites. */
  group?: Group;
  name: string;
  title: string;
  cameras: readonly CameraName[];
  mayChange: boolean;
}

type Words = (key: TextKey, values?: Record<string, string | number>) => string;

/** With whom a group is shared; empty: with nobody. */
export function sharedWith(t: Words, { post, centre, centre_name }: Group): string {
  const whom = [...(post === null ? [] : [t(`post.${post}`)]), ...(centre === null ? [] : [centre_name === "" ? t("tree.centreGone") : centre_name])];
  return whom.length === 0 ? "" : t("tree.sharedWith", { whom: whom.join(" · ") });
}

function titleOf(t: Words, group: Group): string {
  const lines = [group.name, ...(group.mine ? [] : [t(group.maker_left ? "tree.groupOfLeft" : "tree.groupOf", { owner: group.owner })]), sharedWith(t, group)];
  if (group.hidden > 0) lines.push(t("tree.hidden", { count: group.hidden }));
  return lines.filter((line) => line !== "").join("\n");
}

/** One's favourites, when there are any, and the groups that one may use. */
export function useFolders() {
  const { t } = useWords();
  const { favourites, groups, changeFavourites, addGroup, changeGroup, removeGroup } = useGroups();
  const folders = useMemo((): Folder[] => {
    const marked = favourites ?? [];
    const own: Folder = { id: "favourites", name: t("tree.favourites"), title: t("tree.favourites"), cameras: marked, mayChange: true };
    const others = (groups ?? []).map((group): Folder => ({ id: `group-${group.id}`, group, name: group.name, title: titleOf(t, group), cameras: group.cameras, mayChange: group.may_change }));
    return marked.length > 0 ? [own, ...others] : others;
  }, [favourites, groups, t]);
  const codes = useMemo(() => new Set(favourites?.map((camera) => camera.code)), [favourites]);
  return {
    folders,
    addGroup,
    changeGroup,
    removeGroup,
    isMarked: (code: string | undefined) => code !== undefined && codes.has(code),
    /** Makes a camera a favourite, or no longer. */
    mark: (code: string) => changeFavourites(codes.has(code) ? { remove: [code] } : { add: [code] }),
    change: ({ group }: Folder, change: { add?: string[]; remove?: string[]; order?: string[] }) => (group === undefined ? changeFavourites(change) : changeGroup(group.id, change)),
  };
}

export type Folders = ReturnType<typeof useFolders>;
