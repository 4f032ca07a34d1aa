import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Input } from "antd";
import { useRef, useState, type KeyboardEvent, type RefObject } from "react";
import { api, body, type Area } from "../../api-client/client";
import { useWords } from "../language";
import { Refused } from "../Refused";
import { StatusMark } from "../status";
import { useCameraPages, useFound, useRested, type CameraName } from "./camera-pages";
import { foundRows, parentOf, rowAt, treeRows, type Row } from "./tree-rows";
import type { Shown } from "../wall-state";

interface Props {
  search: RefObject<HTMLInputElement | null>;
  shown: ReadonlySet<string>;
  onOpen: (camera: Shown) => void;
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
export function CameraTree({ search, shown, onOpen, onLeave, rowPx = ROW_PX }: Props) {
  const { t } = useWords();
  const [text, setText] = useState("");
  const wanted = useRested(text.trim());
  const [toggled, setToggled] = useState(keptToggles);
  const [active, setActive] = useState(0);
  const [keyed, setKeyed] = useState(false);
  const pointer = useRef(false);
  const scroll = useRef<HTMLDivElement>(null);
  const areas = useQuery({ queryKey: ["areas"], queryFn: () => body(api.GET("/api/v1/areas")), refetchInterval: 15_000 });
  const found = useFound(wanted);
  const items = areas.data?.items ?? [];
  const total = items.filter((area) => area.parent === "").reduce((sum, area) => sum + area.cameras_total, 0);
  const rows = wanted === "" ? treeRows(items, toggled) : foundRows(found ?? 0);
  const virtual = useVirtualizer({ count: rows.count, getScrollElement: () => scroll.current, estimateSize: () => rowPx, overscan: 12, initialRect: { width: 300, height: 900 } });
  const visible = virtual.getVirtualItems().map((item) => ({ item, row: rowAt(rows, item.index) }));
  const cameraAt = useCameraPages(
    visible.flatMap(({ row }) => (row?.kind === "camera" ? row : [])),
    wanted,
  );

  const toggle = (area: Area, open: boolean) => {
    const next = new Map(toggled).set(area.code, open);
    sessionStorage.setItem(KEY, JSON.stringify([...next]));
    setToggled(next);
  };
  const choose = (row: Row | undefined) => {
    if (row?.kind === "area") toggle(row.area, !row.open);
    const camera = row?.kind === "camera" ? cameraAt(row.area, row.at) : undefined;
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
      Enter: () => choose(row),
      Escape: onLeave,
      " ": () => choose(row),
      ArrowRight: () => (row?.kind === "area" && !row.open ? toggle(row.area, true) : go(active + 1)),
      ArrowLeft: () => (row?.kind === "area" && row.open ? toggle(row.area, false) : go(parentOf(rows, active))),
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
              {row?.kind === "camera" && <CameraLine camera={cameraAt(row.area, row.at)} depth={row.depth} shown={shown} onOpen={() => choose(row)} />}
            </div>
          ))}
        </div>
        {areas.isError && areas.data === undefined && <Refused error={areas.error} />}
        {areas.isPending && <div className="hint">{t("loading")}</div>}
        {wanted !== "" && found === 0 && <div className="hint">{t("tree.noMatch")}</div>}
        {wanted === "" && areas.isSuccess && total === 0 && <div className="hint">{t("tree.empty")}</div>}
      </div>
      <div className="foot">{wanted === "" || found === undefined ? t("tree.total", { count: total }) : t("tree.found", { count: found, total })}</div>
    </aside>
  );
}

function AreaLine({ row, onToggle }: { row: Extract<Row, { kind: "area" }>; onToggle: () => void }) {
  const { t } = useWords();
  const { area, open, depth } = row;
  return (
    <div className="area" role="treeitem" aria-level={depth + 1} aria-expanded={open} data-testid={`area-${area.code}`} onClick={onToggle}>
      <span aria-hidden>{open ? "▾" : "▸"}</span>
      <span className="name">{area.name}</span>
      <span className="count" title={t("tree.online")}>
        {area.cameras_online}/{area.cameras_total}
      </span>
    </div>
  );
}

function CameraLine({ camera, depth, shown, onOpen }: { camera: CameraName | undefined; depth: number; shown: ReadonlySet<string>; onOpen: () => void }) {
  const { t } = useWords();
  if (camera === undefined) return <div className="leaf waiting" role="treeitem" aria-level={depth + 1} aria-label={t("loading")} aria-busy />;
  return (
    <div
      className={shown.has(camera.code) ? "leaf shown" : "leaf"}
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={shown.has(camera.code)}
      title={`${camera.name}\n${camera.code}`}
      data-testid={`camera-${camera.code}`}
      draggable
      onDragStart={(event) => event.dataTransfer.setData("text/plain", JSON.stringify({ code: camera.code, name: camera.name, ptz: camera.ptz_type } satisfies Shown))}
      onClick={onOpen}
    >
      <StatusMark status={camera.status} />
      <span className="name">{camera.name}</span>
    </div>
  );
}
