import { parseGrid } from "../../ui/wall-grid";

/** A grid, small: its tiles as rectangles. */
export function GridGlyph({ text }: { text: string }) {
  const grid = parseGrid(text);
  if (grid === undefined) return null;
  const [across, down] = [18 / grid.columns, 12 / grid.rows];
  return (
    <svg className="grid-glyph" viewBox="0 0 18 12" width="18" height="12" fill="currentColor" aria-hidden>
      {grid.boxes.map(({ column, row, width, height }) => (
        <rect key={`${column},${row}`} x={column * across + 0.5} y={row * down + 0.5} width={width * across - 1} height={height * down - 1} rx="0.5" />
      ))}
    </svg>
  );
}
