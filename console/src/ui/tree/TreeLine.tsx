import type { Shown } from "../wall-state";
import type { CameraName } from "./camera-pages";
import type { Folders } from "./folders";
import { shownOf } from "./row-acts";
import { AreaLine, CameraLine, FolderLine, FoundAreaLine, MoreAreasLine } from "./tree-lines";
import type { Row } from "./tree-rows";

interface Props {
  row: Row | undefined;
  camera: CameraName | undefined;
  shown: ReadonlySet<string>;
  folders: Folders;
  onChoose: () => void;
  onOpenAll: ((name: string, cameras: readonly Shown[]) => void) | undefined;
}

/** One row of the tree, whatever it is. */
export function TreeLine({ row, camera, shown, folders, onChoose, onOpenAll }: Props) {
  switch (row?.kind) {
    case "area":
      return <AreaLine row={row} onToggle={onChoose} />;
    case "found-area":
      return <FoundAreaLine row={row} onChoose={onChoose} />;
    case "more-areas":
      return <MoreAreasLine count={row.count} onChoose={onChoose} />;
    case "folder": {
      const { folder, open } = row;
      const openAll = onOpenAll === undefined ? undefined : () => onOpenAll(folder.name, folder.cameras.map(shownOf));
      return <FolderLine folder={folder} open={open} onToggle={onChoose} onOpenAll={openAll} onDrop={(code) => void folders.change(folder, { add: [code] })} />;
    }
    case "camera":
    case "kept":
      return (
        <CameraLine
          camera={camera}
          depth={row.depth}
          shown={shown}
          {...(row.kind === "kept" ? { folder: row.folder.id } : {})}
          marked={folders.isMarked(camera?.code)}
          onOpen={onChoose}
          onMark={() => camera !== undefined && void folders.mark(camera.code)}
        />
      );
    case undefined:
      return null;
  }
}
