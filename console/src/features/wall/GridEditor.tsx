import { InputNumber, Modal } from "antd";
import { useRef, useState, type KeyboardEvent } from "react";
import { useWords } from "../../ui/language";
import { areaOf, gridText, MOST_SIDE, MOST_TILES, parseGrid, type Box } from "../../ui/wall-grid";

interface Cell {
  column: number;
  row: number;
}

interface Props {
  grid: string;
  onDone: (grid: string) => void;
  onLeave: () => void;
}

const STEPS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const boxOf = (from: Cell, to: Cell): Box => ({ column: Math.min(from.column, to.column), row: Math.min(from.row, to.row), width: Math.abs(from.column - to.column) + 1, height: Math.abs(from.row - to.row) + 1 });
const inside = (box: Box, { column, row }: Cell) => column >= box.column && column < box.column + box.width && row >= box.row && row < box.row + box.height;

/** Rows and columns, and tiles merged by dragging over cells; by keys: arrows, with Shift to span, Enter to merge, Delete to part. */
export function GridEditor({ grid: first, onDone, onLeave }: Props) {
  const { t } = useWords();
  const [text, setText] = useState(first);
  const [span, setSpan] = useState<{ from: Cell; to: Cell }>({ from: { column: 0, row: 0 }, to: { column: 0, row: 0 } });
  const [drawing, setDrawing] = useState(false);
  const sheet = useRef<HTMLDivElement>(null);
  const grid = parseGrid(text);
  const [shown, setShown] = useState(grid);
  if (grid !== undefined && grid.text !== shown?.text) setShown(grid);
  if (shown === undefined) return null;
  const large = shown.boxes.filter((box) => box.width * box.height > 1);
  const size = (columns: number, rows: number) => setText(gridText(columns, rows, large.filter((box) => box.column + box.width <= columns && box.row + box.height <= rows)));
  const merge = (box: Box) => setText(gridText(shown.columns, shown.rows, box.width * box.height > 1 ? [...large, box] : large));
  const part = (cell: Cell) => setText(gridText(shown.columns, shown.rows, large.filter((box) => !inside(box, cell))));
  const chosen = boxOf(span.from, span.to);
  const cellAt = (x: number, y: number): Cell => {
    const box = sheet.current?.getBoundingClientRect();
    const at = (share: number, count: number) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
    return box === undefined ? span.to : { column: at((x - box.left) / box.width, shown.columns), row: at((y - box.top) / box.height, shown.rows) };
  };
  const onKey = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step !== undefined) {
      const to = { column: Math.min(shown.columns - 1, Math.max(0, span.to.column + step[0])), row: Math.min(shown.rows - 1, Math.max(0, span.to.row + step[1])) };
      setSpan({ from: event.shiftKey ? span.from : to, to });
    } else if (event.key === "Enter") merge(chosen);
    else if (event.key === "Delete" || event.key === "Backspace") part(span.to);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <Modal open title={t("wall.custom")} okText={t("wall.custom.use")} okButtonProps={{ disabled: grid === undefined, id: "use-grid" }} onOk={() => onDone(text)} onCancel={onLeave} width={560} destroyOnHidden>
      <p className="dialog-help">{t("wall.custom.help")}</p>
      <div className="grid-sizes">
        <label>
          {t("wall.custom.columns")} <InputNumber min={1} max={MOST_SIDE} value={shown.columns} data-testid="grid-columns" onChange={(columns) => size(columns ?? 1, shown.rows)} />
        </label>
        <label>
          {t("wall.custom.rows")} <InputNumber min={1} max={MOST_SIDE} value={shown.rows} data-testid="grid-rows" onChange={(rows) => size(shown.columns, rows ?? 1)} />
        </label>
        <span className={grid === undefined ? "wrong" : "quiet"} role="status">{grid === undefined ? t("wall.custom.wrong", { most: MOST_TILES }) : t("wall.layout", { count: grid.boxes.length })}</span>
      </div>
      <div
        ref={sheet}
        className="grid-sheet"
        data-testid="grid-sheet"
        role="application"
        aria-label={t("wall.custom.sheet")}
        tabIndex={0}
        style={{ gridTemplate: `repeat(${shown.rows}, 1fr) / repeat(${shown.columns}, 1fr)` }}
        onKeyDown={onKey}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const at = cellAt(event.clientX, event.clientY);
          setSpan({ from: at, to: at });
          setDrawing(true);
        }}
        onPointerMove={(event) => drawing && setSpan({ from: span.from, to: cellAt(event.clientX, event.clientY) })}
        onPointerUp={() => {
          setDrawing(false);
          if (chosen.width * chosen.height > 1) merge(chosen);
        }}
        onDoubleClick={(event) => part(cellAt(event.clientX, event.clientY))}
      >
        {shown.boxes.map((box, at) => (
          <div key={`${box.column},${box.row}`} className="grid-tile" style={{ gridArea: areaOf(box) }}>
            {at + 1}
          </div>
        ))}
        <div className="grid-span" style={{ gridArea: areaOf(chosen) }} />
      </div>
    </Modal>
  );
}
