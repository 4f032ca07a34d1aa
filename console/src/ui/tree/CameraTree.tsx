import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Input } from "antd";
import { useRef, useState, type KeyboardEvent, type RefObject } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../language";
import { Refused } from "../Refused";
import { searches, useCameraPages, useFound, useRested, type Search } from "./camera-pages";
import { useFolders, useNewGroup, type Folder } from "./folders";
import { StateChips } from "./StateChips";
import { AreaLine, CameraLine, FolderLine } from "./tree-lines";
import "./tree.css";
import { foundRows, parentOf, rowAt, treeRows, type Row } from "./tree-rows";
import type { Shown } from "../wall-state";
import { useAskedOfWall } from "./asked-of-wall";

interface Props {
  search: RefObject<HTMLInputElement | null>;
  shown: ReadonlySet<string>;
  onOpen: (camera: Shown) => void;
  /** A whole group at once; left out where there is no room for several. */
  onOpenAll?: (cameras: readonly Shown[]) => void;
  /** Escape: from the tree to the wall. */
  onLeave: () => void;
  /** Height of a row: a finger wants more than a mouse. */
  rowPx?: number;
}

const ROW_PX = 26;
const KEY = "fengsui.tree";

function keptToggles(): ReadonlyMap<string, boolean> {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(KEY) ?? "[]") as [string, boolean][]);
  } catch {
    return new Map();
  }
}

/** Areas with their counts and their cameras, as many as there are: only the rows on screen are drawn and asked for. */
export function CameraTree({ search, shown, onOpen, onOpenAll, onLeave, rowPx = ROW_PX }: Props) {
  const { t } = useWords();
  const [text, setText] = useState("");
  const [states, setStates] = useState<Search["states"]>([]);
  const wanted: Search = { q: useRested(text.trim()), states };
  const whole = !searches(wanted);
  const [toggled, setToggled] = useState(keptToggles);
  const [active, setActive] = useState(0);
  const [keyed, setKeyed] = useState(false);
  const pointer = useRef(false);
  const scroll = useRef<HTMLDivElement>(null);
  const areas = useQuery({ queryKey: ["areas"], queryFn: () => body(api.GET("/api/v1/areas")), refetchInterval: 15_000 });
  const found = useFound(wanted);
  const { folders, isMarked, mark, change } = useFolders();
  const { naming, field } = useNewGroup();
  const items = areas.data?.items ?? [];
  const total = items.filter((area) => area.parent === "").reduce((sum, area) => sum + area.cameras_total, 0);
  const rows = whole ? treeRows(items, toggled, folders) : foundRows(found ?? 0);
  const virtual = useVirtualizer({ count: rows.count, getScrollElement: () => scroll.current, estimateSize: () => rowPx, overscan: 12, initialRect: { width: 300, height: 900 } });
  const visible = virtual.getVirtualItems().map((item) => ({ item, row: rowAt(rows, item.index) }));
  const cameraAt = useCameraPages(
    visible.flatMap(({ row }) => (row?.kind === "camera" ? row : [])),
    wanted,
  );

  const keepToggles = (next: ReadonlyMap<string, boolean>) => {
    sessionStorage.setItem(KEY, JSON.stringify([...next]));
    setToggled(next);
  };
  const toggle = (code: string, open: boolean) => keepToggles(new Map(toggled).set(code, open));
  useAskedOfWall({
    areas: items,
    folders,
    toggled,
    onOpen,
    onArea: (next, at) => {
      setText("");
      setStates([]);
      keepToggles(next);
      setActive(at);
      scroll.current?.focus();
      requestAnimationFrame(() => virtual.scrollToIndex(at, { align: "center" })); // once the rows of the opened areas are there
    },
  });
  const cameraOf = (row: Row | undefined) => (row?.kind === "camera" ? cameraAt(row.area, row.at) : row?.kind === "kept" ? row.folder.cameras[row.at] : undefined);
  const openAll = (folder: Folder) => onOpenAll?.(folder.cameras.map(({ code, name, ptz_type }) => ({ code, name, ptz: ptz_type })));
  const markRow = (row: Row | undefined) => {
    const camera = cameraOf(row);
    if (camera !== undefined) void mark(camera.code);
  };
  const removeRow = (row: Row | undefined) => {
    const camera = cameraOf(row);
    if (row?.kind === "kept" && camera !== undefined) void change(row.folder, { remove: [camera.code] });
  };
  const choose = (row: Row | undefined) => {
    if (row?.kind === "area") toggle(row.area.code, !row.open);
    if (row?.kind === "folder") toggle(row.folder.id, !row.open);
    const camera = cameraOf(row);
    if (camera !== undefined) onOpen({ code: camera.code, name: camera.name, ptz: camera.ptz_type });
  };
  const go = (index: number) => {
    const at = Math.max(0, Math.min(rows.count - 1, index));
    setActive(at);
    virtual.scrollToIndex(at);
  };
  const onKey = (event: KeyboardEvent) => {
    if (!keyed) return; // after a click the arrows still choose tiles
    const row = rowAt(rows, active);
    const rowsASheet = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / rowPx) - 1);
    const steps: Record<string, () => void> = {
      ArrowDown: () => go(active + 1),
      ArrowUp: () => go(active - 1),
      PageDown: () => go(active + rowsASheet),
      PageUp: () => go(active - rowsASheet),
      Home: () => go(0),
      End: () => go(rows.count - 1),
      Enter: () => (event.ctrlKey && row?.kind === "folder" ? openAll(row.folder) : choose(row)),
      Escape: onLeave,
      " ": () => choose(row),
      "*": () => markRow(row),
      Delete: () => removeRow(row),
      ArrowRight: () => ((row?.kind === "area" || row?.kind === "folder") && !row.open ? choose(row) : go(active + 1)),
      ArrowLeft: () => ((row?.kind === "area" || row?.kind === "folder") && row.open ? choose(row) : go(parentOf(rows, active))),
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    step();
  };
  return (
    <aside className="side" aria-label={t("tree.label")}>
      <div className="search">
        <Input
          ref={(input) => {
            search.current = input?.input ?? null;
          }}
          allowClear
          value={text}
          aria-label={t("tree.search")}
          placeholder={t("tree.search")}
          data-testid="camera-search"
          onChange={(event) => {
            setText(event.target.value);
            setActive(0);
          }}
          onKeyDown={(event) => {
            if (event.key !== "ArrowDown") return;
            event.preventDefault();
            scroll.current?.focus();
          }}
        />
        <StateChips states={states} onChange={setStates} />
      </div>
      <div
        ref={scroll}
        className={keyed ? "tree keyed" : "tree"}
        role={rows.count > 0 ? "tree" : undefined}
        tabIndex={0}
        aria-label={t("tree.label")}
        aria-activedescendant={keyed ? `tree-row-${active}` : undefined}
        data-testid="camera-tree"
        onPointerDown={() => {
          pointer.current = true;
          setKeyed(false);
        }}
        onFocus={() => {
          setKeyed(!pointer.current);
          pointer.current = false;
        }}
        onBlur={() => {
          setKeyed(false);
          pointer.current = false;
        }}
        onKeyDown={onKey}
      >
        <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {visible.map(({ item, row }) => (
            <div
              key={item.key}
              id={`tree-row-${item.index}`}
              className={item.index === active ? "row at" : "row"}
              style={{ height: rowPx, transform: `translateY(${item.start}px)`, paddingLeft: 6 + (row?.depth ?? 0) * 14 }}
              onClick={() => setActive(item.index)}
            >
              {row?.kind === "area" && <AreaLine row={row} onToggle={() => choose(row)} />}
              {row?.kind === "folder" && (
                <FolderLine
                  folder={row.folder}
                  open={row.open}
                  onToggle={() => choose(row)}
                  onOpenAll={onOpenAll === undefined ? undefined : () => openAll(row.folder)}
                  onDrop={(code) => void change(row.folder, { add: [code] })}
                />
              )}
              {(row?.kind === "camera" || row?.kind === "kept") && (
                <CameraLine
                  camera={cameraOf(row)}
                  depth={row.depth}
                  shown={shown}
                  {...(row.kind === "kept" ? { folder: row.folder.id } : {})}
                  marked={isMarked(cameraOf(row)?.code)}
                  onOpen={() => choose(row)}
                  onMark={() => markRow(row)}
                />
              )}
            </div>
          ))}
        </div>
        {areas.isError && areas.data === undefined && <Refused error={areas.error} />}
        {areas.isPending && <div className="hint">{t("loading")}</div>}
        {!whole && found === 0 && <div className="hint">{t("tree.noMatch")}</div>}
        {whole && areas.isSuccess && total === 0 && <div className="hint">{t("tree.empty")}</div>}
      </div>
      <div className="foot">
        {naming ?? (whole || found === undefined ? t("tree.total", { count: total }) : t("tree.found", { count: found, total }))}
        {field}
      </div>
    </aside>
  );
}
