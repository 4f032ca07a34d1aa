import { useCallback, useEffect, useState } from "react";
import type { Area } from "../../api-client/client";
import { useStandingWall } from "../to-wall";
import type { Shown } from "../wall-state";
import type { Folder } from "./folders";
import { treeRows } from "./tree-rows";

interface Asked {
  areas: readonly Area[];
  folders: readonly Folder[];
  toggled: ReadonlyMap<string, boolean>;
  onOpen: (camera: Shown) => void;
  /** Several at once; left out where there is no room for them. */
  onOpenAll: ((name: string, cameras: readonly Shown[]) => void) | undefined;
  /** The tree is to look like this, with the keyboard on that row. */
  onArea: (toggled: ReadonlyMap<string, boolean>, index: number) => void;
}

/** What is chosen elsewhere in the console: cameras go to the wall, an area opens in the tree once the tree is known. Returns what
 *  opens an area so.
 */
export function useAskedOfWall({ areas, folders, toggled, onOpen, onOpenAll, onArea }: Asked): (area: string) => void {
  const [wanted, setWanted] = useState<string>();
  const goTo = useCallback((area: string) => setWanted(area), []);
  useStandingWall({ show: onOpen, showAll: onOpenAll, goTo });
  useEffect(() => {
    if (wanted === undefined || areas.length === 0) return;
    setWanted(undefined);
    const open = new Map(toggled);
    for (const { code } of areas) if (wanted.startsWith(code)) open.set(code, true);
    const at = treeRows(areas, open, folders).segments.find(({ row }) => row.kind === "area" && row.area.code === wanted)?.from;
    if (at !== undefined) onArea(open, at);
  }, [wanted, areas, folders, toggled, onArea]);
  return goTo;
}
