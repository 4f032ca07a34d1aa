import { useWords } from "../language";
import { CameraCell, dragged } from "../list/camera-cell";
import { droppedCamera } from "../wall-state";
import type { CameraName } from "./camera-pages";
import type { Folder } from "./folders";
import { shownOf } from "./row-acts";
import type { Row } from "./tree-rows";

/** What an area is called; an access unit that no catalogue names, by its number. */
export function useAreaName(): (area: { code: string; name: string }) => string {
  const { t } = useWords();
  return ({ code, name }) => (name === "" ? t("tree.unit", { number: code.slice(-2) }) : name);
}

/** An area that was found, with those above it. */
export function FoundAreaLine({ row, onChoose }: { row: Extract<Row, { kind: "found-area" }>; onChoose: () => void }) {
  const { t } = useWords();
  const nameOf = useAreaName();
  const { area, above } = row;
  return (
    <div className="area found" role="treeitem" aria-level={1} title={[above, t("tree.area.open")].filter((line) => line !== "").join("\n")} data-testid={`found-area-${area.code}`} onClick={onChoose}>
      <span aria-hidden>▸</span>
      <span className="name">
        {nameOf(area)} <span className="quiet">{above}</span>
      </span>
      <span className="count" title={t("tree.online")}>
        {area.cameras_online}/{area.cameras_total}
      </span>
    </div>
  );
}

export function MoreAreasLine({ count, onChoose }: { count: number; onChoose: () => void }) {
  const { t } = useWords();
  return (
    <div className="area found" role="treeitem" aria-level={1} data-testid="more-areas" onClick={onChoose}>
      <span aria-hidden>⋯</span>
      <span className="name quiet">{t("tree.moreAreas", { count })}</span>
    </div>
  );
}

export function AreaLine({ row, onToggle }: { row: Extract<Row, { kind: "area" }>; onToggle: () => void }) {
  const { t } = useWords();
  const nameOf = useAreaName();
  const { area, open, depth } = row;
  return (
    <div className="area" title={area.code} role="treeitem" aria-level={depth + 1} aria-expanded={open} data-testid={`area-${area.code}`} onClick={onToggle}>
      <span aria-hidden>{open ? "▾" : "▸"}</span>
      <span className="name">{nameOf(area)}</span>
      <span className="count" title={t("tree.online")}>
        {area.cameras_online}/{area.cameras_total}
      </span>
    </div>
  );
}

export interface CameraLineProps {
  camera: CameraName | undefined;
  depth: number;
  shown: ReadonlySet<string>;
  /** Set in a branch of favourites or of a group: a camera may stand in several. */
  folder?: string;
  marked: boolean;
  onOpen: () => void;
  onMark: () => void;
}

export function CameraLine({ camera, depth, shown, folder, marked, onOpen, onMark }: CameraLineProps) {
  const { t } = useWords();
  if (camera === undefined) return <div className="leaf waiting" role="treeitem" aria-level={depth + 1} aria-label={t("loading")} aria-busy />;
  return (
    <div
      className={shown.has(camera.code) ? "leaf shown" : "leaf"}
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={shown.has(camera.code)}
      title={`${camera.name}\n${camera.code}`}
      data-testid={folder === undefined ? `camera-${camera.code}` : `kept-${folder}-${camera.code}`}
      {...dragged(shownOf(camera))}
      onClick={onOpen}
    >
      <CameraCell status={camera.status} name={camera.name} />
      <span
        className={marked ? "star marked" : "star"}
        aria-hidden
        title={t(marked ? "tree.unmark" : "tree.mark")}
        data-testid={`star-${camera.code}`}
        onClick={(event) => {
          event.stopPropagation();
          onMark();
        }}
      >
        {marked ? "★" : "☆"}
      </span>
    </div>
  );
}

interface FolderLineProps {
  folder: Folder;
  open: boolean;
  onToggle: () => void;
  onOpenAll: (() => void) | undefined;
  onDrop: (code: string) => void;
}

/** Favourites, or a group: its cameras below, or all of them on the wall at once; a camera dropped on it is put in. */
export function FolderLine({ folder, open, onToggle, onOpenAll, onDrop }: FolderLineProps) {
  const { t } = useWords();
  return (
    <div
      className="area folder"
      role="treeitem"
      aria-level={1}
      aria-expanded={open}
      title={folder.title}
      data-testid={`folder-${folder.id}`}
      onClick={onToggle}
      onDragOver={(event) => {
        if (folder.mayChange) event.preventDefault();
      }}
      onDrop={(event) => {
        event.preventDefault();
        const camera = droppedCamera(event.dataTransfer.getData("text/plain"));
        if (camera !== undefined) onDrop(camera.code);
      }}
    >
      <span aria-hidden>{open ? "▾" : "▸"}</span>
      <span className="name">
        <span aria-hidden>{folder.group === undefined ? "★ " : "▤ "}</span>
        {folder.name}
      </span>
      {folder.group !== undefined && (folder.group.post !== null || folder.group.centre !== null) && <span className={folder.group.maker_left ? "shared left" : "shared"}>{t(folder.group.maker_left ? "tree.sharedLeft" : "tree.shared")}</span>}
      <span className="count">{folder.cameras.length}</span>
      {onOpenAll !== undefined && folder.cameras.length > 0 && (
        <span
          className="open-all"
          aria-hidden
          title={t("tree.openAll")}
          data-testid={`open-all-${folder.id}`}
          onClick={(event) => {
            event.stopPropagation();
            onOpenAll();
          }}
        >
          ⊞
        </span>
      )}
    </div>
  );
}
