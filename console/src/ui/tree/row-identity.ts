import { useLayoutEffect, useRef } from "react";
import type { CameraName } from "./camera-pages";
import { rowAt, type Row, type TreeRows } from "./tree-rows";

type CameraOf = (row: Row | undefined) => CameraName | undefined;
/** So far around where it was a camera is looked for: its page is at hand. */
const AROUND = 200;

/** Who a row is, wherever it stands; empty while that is being read. */
function keyOf(row: Row | undefined, cameraOf: CameraOf): string {
  switch (row?.kind) {
    case "area":
    case "found-area":
      return `${row.kind} ${row.area.code}`;
    case "folder":
      return `folder ${row.folder.id}`;
    case "camera":
    case "kept": {
      const code = cameraOf(row)?.code;
      return code === undefined ? "" : `${row.kind} ${row.kind === "kept" ? row.folder.id : row.area} ${code}`;
    }
    default:
      return row?.kind ?? "";
  }
}

/** Where a row stands now; undefined where it is gone, or not at hand. */
export function placeOf(rows: TreeRows, key: string, near: number, cameraOf: CameraOf): number | undefined {
  const single = rows.segments.find(({ row }) => row.kind !== "camera" && row.kind !== "kept" && keyOf(row, cameraOf) === key);
  if (single !== undefined) return single.from;
  for (let away = 1; away <= AROUND; away++) for (const at of [near + away, near - away]) if (keyOf(rowAt(rows, at), cameraOf) === key) return at;
  return undefined;
}

/** The keyboard stays on its row when news put others before it, or take them away. */
export function useSameRow(rows: TreeRows, active: number, setActive: (index: number) => void, cameraOf: CameraOf): void {
  const was = useRef({ index: -1, key: "" });
  useLayoutEffect(() => {
    const { index, key } = was.current;
    const now = keyOf(rowAt(rows, active), cameraOf);
    const stays = index === active && key !== "";
    if (stays && now === "") return; // it is being read: nothing speaks against it
    const moved = stays && now !== key ? placeOf(rows, key, active, cameraOf) : undefined;
    was.current = moved === undefined ? { index: active, key: now } : { index: moved, key };
    if (moved !== undefined) setActive(moved);
  });
}
