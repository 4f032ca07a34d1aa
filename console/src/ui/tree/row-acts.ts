import type { KeyboardEvent } from "react";
import type { TextKey } from "../texts";
import type { Shown } from "../wall-state";
import type { CameraName } from "./camera-pages";
import type { Folder, Folders } from "./folders";
import type { Row } from "./tree-rows";
import type { Group } from "./use-groups";

/** What can be done with a row, by its menu or by its keys. */
export interface RowAct {
  label: TextKey;
  /** As `SHORTCUTS` writes combinations. */
  keys: readonly string[];
  run: () => void;
  danger?: boolean;
}

/** A dialog of the tree. */
export type TreeDialog = { kind: "new" } | { kind: "edit"; group: Group } | { kind: "remove"; group: Group } | { kind: "into"; camera: CameraName };

interface Means {
  folders: Folders;
  cameraOf: (row: Row | undefined) => CameraName | undefined;
  /** Enter: plays, opens, closes. */
  choose: (row: Row | undefined) => void;
  onOpenAll: ((name: string, cameras: readonly Shown[]) => void) | undefined;
  ask: (dialog: TreeDialog) => void;
  /** The keyboard's row goes along with a camera that changes places. */
  follow: (by: 1 | -1) => void;
}

export const shownOf = ({ code, name, ptz_type }: CameraName): Shown => ({ code, name, ptz: ptz_type });

/** Whether just this combination was pressed. */
export function isCombination(keys: readonly string[], event: KeyboardEvent): boolean {
  const key = keys.at(-1);
  return event.key.toLowerCase() === key?.toLowerCase() && event.altKey === keys.includes("Alt") && (event.ctrlKey || event.metaKey) === keys.includes("Mod");
}

function moved(folder: Folder, at: number, by: 1 | -1): string[] | undefined {
  const codes = folder.cameras.map(({ code }) => code);
  const [one, other] = [codes[at], codes[at + by]];
  return one === undefined || other === undefined ? undefined : codes.with(at, other).with(at + by, one);
}

/** Of a folder's row: all of it on the wall, and its group's name, sharing and end. */
function folderActs(folder: Folder, { onOpenAll, ask }: Means): RowAct[] {
  const acts: RowAct[] = [];
  if (onOpenAll !== undefined && folder.cameras.length > 0) acts.push({ label: "tree.act.openAll", keys: ["Mod", "Enter"], run: () => onOpenAll(folder.name, folder.cameras.map(shownOf)) });
  const { group } = folder;
  if (group === undefined || !folder.mayChange) return acts;
  return [...acts, { label: "tree.act.edit", keys: ["F2"], run: () => ask({ kind: "edit", group }) }, { label: "tree.act.remove", keys: ["Delete"], run: () => ask({ kind: "remove", group }), danger: true }];
}

/** Of a camera that stands in a folder: its place in it. */
function keptActs(row: Extract<Row, { kind: "kept" }>, code: string, { folders, follow }: Means): RowAct[] {
  const { folder, at } = row;
  if (!folder.mayChange) return [];
  const move = (by: 1 | -1, key: "ArrowUp" | "ArrowDown", label: TextKey): RowAct[] => {
    const order = moved(folder, at, by);
    const run = async (codes: string[]) => {
      if ((await folders.change(folder, { order: codes })) !== undefined) follow(by);
    };
    return order === undefined ? [] : [{ label, keys: ["Alt", key], run: () => void run(order) }];
  };
  const out: RowAct = { label: "tree.act.takeOut", keys: ["Delete"], run: () => void folders.change(folder, { remove: [code] }) };
  return [...move(-1, "ArrowUp", "tree.act.up"), ...move(1, "ArrowDown", "tree.act.down"), out];
}

export function actsOf(row: Row | undefined, means: Means): RowAct[] {
  const { cameraOf, choose, folders, ask } = means;
  const created: RowAct = { label: "tree.newGroup", keys: ["n"], run: () => ask({ kind: "new" }) };
  if (row === undefined) return [created];
  const camera = cameraOf(row);
  if (row.kind === "folder") return [{ label: row.open ? "tree.act.close" : "tree.act.unfold", keys: ["Enter"], run: () => choose(row) }, ...folderActs(row.folder, means), created];
  if (camera === undefined && (row.kind === "camera" || row.kind === "kept")) return [created]; // it is being read
  if (camera === undefined) return [{ label: row.kind === "area" && row.open ? "tree.act.close" : "tree.act.unfold", keys: ["Enter"], run: () => choose(row) }, created];
  return [
    { label: "tree.act.play", keys: ["Enter"], run: () => choose(row) },
    { label: folders.isMarked(camera.code) ? "tree.act.unmark" : "tree.act.mark", keys: ["*"], run: () => void folders.mark(camera.code) },
    { label: "tree.act.intoGroup", keys: ["g"], run: () => ask({ kind: "into", camera }) },
    ...(row.kind === "kept" ? keptActs(row, camera.code, means) : []),
    created,
  ];
}
