import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState, type RefObject } from "react";
import { api, body, type Area } from "../../api-client/client";
import { useWords } from "../language";
import { useRows } from "../list/use-rows";
import { Refused } from "../Refused";
import type { Shown } from "../wall-state";
import { useAskedOfWall } from "./asked-of-wall";
import { searches, useCameraPages, useFound, useFoundAreas, useRested, type Search } from "./camera-pages";
import { useFolders } from "./folders";
import { actsOf, type RowAct, type TreeDialog } from "./row-acts";
import { useSameRow } from "./row-identity";
import { NOTHING, SearchBox, type SearchText } from "./SearchBox";
import { typed } from "./search-text";
import { useAreaName } from "./tree-lines";
import "./tree.css";
import { foundRows, rowAt, treeRows, type Row } from "./tree-rows";
import { TreeDialogs } from "./TreeDialogs";
import { TreeFoot } from "./TreeFoot";
import { TreeLine } from "./TreeLine";
import { TreeMenu } from "./TreeMenu";
import { useToggles } from "./use-toggles";
import { hearTreeKeys } from "./use-tree-keys";

interface Props {
  search: RefObject<HTMLInputElement | null>;
  shown: ReadonlySet<string>;
  onOpen: (camera: Shown) => void;
  /** A whole group at once, with its name; left out where there is no room for several. */
  onOpenAll?: (name: string, cameras: readonly Shown[]) => void;
  /** Escape: from the tree to the wall. */
  onLeave: () => void;
  /** Height of a row: a finger wants more than a mouse. */
  rowPx?: number;
}

const ROW_PX = 26;
const NO_AREAS: readonly Area[] = [];

/** Areas with their counts and their cameras, as many as there are: only the rows on screen are drawn and asked for. */
export function CameraTree({ search, shown, onOpen, onOpenAll, onLeave, rowPx = ROW_PX }: Props) {
  const { t } = useWords();
  const nameOf = useAreaName();
  const [asked, setAsked] = useState<SearchText>(NOTHING);
  const [allAreas, setAllAreas] = useState(false);
  const rested = typed(useRested(asked.text.trim()));
  const wanted: Search = { q: rested.q, states: asked.states, tags: [...asked.tags, ...rested.tags] };
  const whole = !searches(wanted);
  const [toggled, keepToggles] = useToggles();
  const [keyed, setKeyed] = useState(false);
  const [menu, setMenu] = useState<{ x: number; y: number; acts: readonly RowAct[] }>();
  const [dialog, setDialog] = useState<TreeDialog>();
  const pointer = useRef(false);
  const areas = useQuery({ queryKey: ["areas"], queryFn: () => body(api.GET("/api/v1/areas")), refetchInterval: 15_000 });
  const items = areas.data?.items ?? NO_AREAS;
  const total = useMemo(() => items.filter((area) => area.parent === "").reduce((sum, area) => sum + area.cameras_total, 0), [items]);
  const found = useFound(wanted);
  const foundAreas = useFoundAreas(wanted);
  const kept = useFolders();
  const { folders } = kept;
  const names = useMemo(() => new Map(items.map(({ code, name }) => [code, name])), [items]);
  const treeOf = useMemo(() => treeRows(items, toggled, folders), [items, toggled, folders]);
  const rows = whole ? treeOf : foundRows(found?.total ?? 0, foundAreas, allAreas, (code) => nameOf({ code, name: names.get(code) ?? code }));
  const { scroll, active, setActive, virtual, go, steps } = useRows({ count: rows.count, rowPx });
  const visible = virtual.getVirtualItems().map((item) => ({ item, row: rowAt(rows, item.index) }));
  const cameraAt = useCameraPages(
    visible.flatMap(({ row }) => (row?.kind === "camera" ? row : [])),
    wanted,
  );

  const ask = (next: SearchText) => {
    setAsked(next);
    setAllAreas(false);
    setActive(0);
  };
  const goToArea = useAskedOfWall({
    areas: items,
    folders,
    toggled,
    onOpen,
    onOpenAll,
    onArea: (next, at) => {
      ask(NOTHING);
      keepToggles(next);
      setActive(at);
      scroll.current?.focus();
      requestAnimationFrame(() => virtual.scrollToIndex(at, { align: "center" })); // once the rows of the opened areas are there
    },
  });
  const cameraOf = (row: Row | undefined) => (row?.kind === "camera" ? cameraAt(row.area, row.at) : row?.kind === "kept" ? row.folder.cameras[row.at] : undefined);
  const choose = (row: Row | undefined) => {
    if (row?.kind === "area") keepToggles(new Map(toggled).set(row.area.code, !row.open));
    if (row?.kind === "folder") keepToggles(new Map(toggled).set(row.folder.id, !row.open));
    if (row?.kind === "found-area") goToArea(row.area.code);
    if (row?.kind === "more-areas") setAllAreas(true);
    const camera = cameraOf(row);
    if (camera !== undefined) onOpen({ code: camera.code, name: camera.name, ptz: camera.ptz_type });
  };
  const here = rowAt(rows, active);
  useSameRow(rows, active, setActive, cameraOf);
  const acts = (row = here, index = active) => actsOf(row, { folders: kept, cameraOf, choose, onOpenAll, ask: setDialog, follow: (by) => go(index + by) });
  /** What it offers is about the row on which it was opened, whatever news put in its place meanwhile. */
  const openMenu = (at?: { x: number; y: number }, index = active) => {
    const row = document.getElementById(`tree-row-${index}`)?.getBoundingClientRect() ?? scroll.current?.getBoundingClientRect();
    setMenu({ ...(at ?? { x: (row?.left ?? 0) + rowPx, y: row?.bottom ?? 0 }), acts: acts(rowAt(rows, index), index) });
  };
  return (
    <aside className="side" aria-label={t("tree.label")}>
      <SearchBox input={search} value={asked} onChange={ask} onDown={() => scroll.current?.focus()} />
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
        onKeyDown={(event) => {
          if (keyed) hearTreeKeys(event, { rows, row: here, active, steps, go, acts, choose, onMenu: openMenu, onLeave }); // after a click the arrows still choose tiles
        }}
      >
        <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {visible.map(({ item, row }) => (
            <div
              key={item.key}
              id={`tree-row-${item.index}`}
              className={item.index === active ? "row at" : "row"}
              style={{ height: rowPx, transform: `translateY(${item.start}px)`, paddingLeft: 6 + (row?.depth ?? 0) * 14 }}
              onClick={() => setActive(item.index)}
              onContextMenu={(event) => {
                event.preventDefault();
                setActive(item.index);
                openMenu({ x: event.clientX, y: event.clientY }, item.index);
              }}
            >
              <TreeLine row={row} camera={cameraOf(row)} shown={shown} folders={kept} onChoose={() => choose(row)} onOpenAll={onOpenAll} />
            </div>
          ))}
        </div>
        {areas.isError && areas.data === undefined && <Refused error={areas.error} />}
        {areas.isPending && <div className="hint">{t("loading")}</div>}
        {!whole && found === undefined && foundAreas.length === 0 && <div className="hint">{t("loading")}</div>}
        {!whole && found?.total === 0 && foundAreas.length === 0 && <div className="hint">{t("tree.noMatch")}</div>}
        {whole && areas.isSuccess && total === 0 && <div className="hint">{t("tree.empty")}</div>}
      </div>
      <TreeFoot total={total} found={whole ? undefined : found} onNew={() => setDialog({ kind: "new" })} />
      {menu !== undefined && (
        <TreeMenu
          acts={menu.acts}
          at={menu}
          onLeave={(back) => {
            setMenu(undefined);
            if (back) scroll.current?.focus();
          }}
        />
      )}
      {dialog !== undefined && <TreeDialogs dialog={dialog} onLeave={() => setDialog(undefined)} />}
    </aside>
  );
}
