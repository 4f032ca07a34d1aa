import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from "react";
import { useWords } from "../../ui/language";
import { usePhone } from "../../ui/use-phone";
import type { By, Row, Sorting } from "./filter";
import { ListRow } from "./ListRow";

const ROW_PX = 30;
/** On a phone a row has two lines. */
const TALL_PX = 60;
const HEAD_PX = 30;

interface Column {
  key: string;
  by?: By;
}

const COLUMNS: readonly Column[] = [{ key: "name", by: "name" }, { key: "code", by: "code" }, { key: "area", by: "area" }, { key: "class", by: "class" }, { key: "state", by: "state" }, { key: "device", by: "device" }, { key: "tags", by: "tags" }, { key: "place", by: "place" }, { key: "file", by: "file" }, { key: "links" }];

interface Props {
  total: number;
  rowAt: (at: number) => Row | undefined;
  onSeen: (from: number, to: number) => void;
  /** The row that is active first. */
  first: number;
  onActive: (at: number) => void;
  sorting: Sorting;
  onSort: (by: By) => void;
  isChosen: (code: string) => boolean;
  /** Everything that matches is chosen, some of it, or nothing. */
  chosen: "all" | "some" | "none";
  onToggle: (code: string) => void;
  /** All rows from the anchor to this one, and no longer those to `end`; false: they are too many. */
  onRange: (anchor: number, to: number, end: number) => boolean;
  onAll: () => void;
  onNone: () => void;
  onOpen: (code: string) => void;
  onTag: (tag: string) => void;
  empty: ReactNode;
}

/** Cameras as a table of any length: only the rows on screen are drawn and asked for. */
export function ListTable({ total, rowAt, onSeen, first, onActive, sorting, onSort, isChosen, chosen, onToggle, onRange, onAll, onNone, onOpen, onTag, empty }: Props) {
  const { t } = useWords();
  const rowPx = usePhone() ? TALL_PX : ROW_PX;
  const scroll = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(first);
  const anchor = useRef(first);
  const end = useRef(first);
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowPx,
    overscan: 12,
    scrollPaddingStart: HEAD_PX,
    initialOffset: Math.max(0, first - 5) * rowPx,
    initialRect: { width: 1100, height: 700 },
    onChange: ({ range }) => range !== null && onSeen(range.startIndex, range.endIndex),
  });
  useEffect(() => virtual.measure(), [virtual, rowPx]);
  const at = Math.min(active, Math.max(0, total - 1));
  const come = (index: number) => {
    setActive(index);
    onActive(index);
  };
  const fix = (index: number) => {
    anchor.current = index;
    end.current = index;
  };
  const stretch = (to: number) => {
    if (onRange(anchor.current, to, end.current)) end.current = to;
  };
  const go = (to: number, ranges: boolean) => {
    const next = Math.max(0, Math.min(total - 1, to));
    if (ranges) stretch(next);
    else fix(next);
    come(next);
    virtual.scrollToIndex(next);
  };
  const codeAt = (index: number) => rowAt(index)?.code;
  const toggle = (index: number) => {
    const code = codeAt(index);
    fix(index);
    if (code !== undefined) onToggle(code);
  };
  const onKey = (event: KeyboardEvent) => {
    if (total === 0 || event.target !== scroll.current) return;
    const sheet = Math.max(1, Math.floor(((scroll.current?.clientHeight ?? 0) - HEAD_PX) / rowPx) - 1);
    const steps: Record<string, () => void> = {
      ArrowDown: () => go(at + 1, event.shiftKey),
      ArrowUp: () => go(at - 1, event.shiftKey),
      PageDown: () => go(at + sheet, event.shiftKey),
      PageUp: () => go(at - sheet, event.shiftKey),
      Home: () => go(0, event.shiftKey),
      End: () => go(total - 1, event.shiftKey),
      " ": () => toggle(at),
      Enter: () => codeAt(at) !== undefined && onOpen(codeAt(at) ?? ""),
      Escape: onNone,
    };
    // Mod and A: everything that matches
    const step = event.key === "a" && (event.ctrlKey || event.metaKey) ? onAll : event.ctrlKey || event.metaKey || event.altKey ? undefined : steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    step();
  };
  const onRow = (event: MouseEvent, index: number, box: boolean) => {
    come(index);
    scroll.current?.focus({ preventScroll: true }); // the keys go on from here
    if (event.shiftKey) stretch(index);
    else if (box) toggle(index);
    else fix(index);
  };
  return (
    <div
      ref={scroll}
      className="list-table"
      role="grid"
      tabIndex={0}
      aria-label={t("list.title")}
      aria-rowcount={total + 1}
      aria-multiselectable
      aria-activedescendant={total > 0 ? `list-row-${at}` : undefined}
      data-testid="camera-table"
      onKeyDown={onKey}
    >
      <div className="list-row list-head" role="row" aria-rowindex={1}>
        <span role="columnheader">
          <input type="checkbox" tabIndex={-1} checked={chosen === "all"} ref={(box) => void (box !== null && (box.indeterminate = chosen === "some"))} aria-label={t("list.chooseAll")} data-testid="choose-all" disabled={total === 0} onChange={() => (chosen === "none" ? onAll() : onNone())} />
        </span>
        {COLUMNS.map(({ key, by }) => (
          <span key={key} role="columnheader" aria-sort={by === sorting.by ? (sorting.down ? "descending" : "ascending") : undefined}>
            {by === undefined ? (
              t(`list.column.${key}` as "list.column.tags")
            ) : (
              <button tabIndex={-1} data-testid={`sort-${by}`} onClick={() => onSort(by)}>
                {t(`list.column.${key}` as "list.column.tags")}
                {by === sorting.by && <span aria-hidden> {sorting.down ? "▼" : "▲"}</span>}
              </button>
            )}
          </span>
        ))}
      </div>
      {total === 0 && (
        <div className="hint" role="row">
          <span role="gridcell">{empty}</span>
        </div>
      )}
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map((item) => (
          <ListRow
            key={item.key}
            index={item.index}
            row={rowAt(item.index)}
            active={item.index === at}
            chosen={isChosen(rowAt(item.index)?.code ?? "")}
            style={{ height: rowPx, transform: `translateY(${item.start}px)` }}
            onClick={(event, box) => onRow(event, item.index, box)}
            onTag={onTag}
          />
        ))}
      </div>
    </div>
  );
}
