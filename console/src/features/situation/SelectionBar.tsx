import { Button, InputNumber } from "antd";
import { useState } from "react";
import { useWords } from "../../ui/language";
import { useMay } from "../../ui/signed-in";
import { LARGEST } from "../../ui/wall-grid";
import type { Tool } from "./use-drawing";

const FIRST_M = 500;
const LONGEST_M = 50_000;

/** While a shape is drawn: how, and the radius by figures for whoever draws without a pointer. */
export function DrawingBar({ tool, onRadius, onLeave }: { tool: Tool; onRadius: (metres: number) => void; onLeave: () => void }) {
  const { t } = useWords();
  const [radius, setRadius] = useState<number | null>(FIRST_M);
  return (
    <div className="map-note" role="status" data-testid="drawing-bar">
      <span>{t(`situation.draw.${tool}`)}</span>
      {tool === "circle" && (
        <span className="by-figures">
          <InputNumber<number> size="small" min={1} max={LONGEST_M} precision={0} value={radius} suffix={t("situation.metres")} aria-label={t("situation.radius")} data-testid="radius" onChange={setRadius} onPressEnter={() => radius !== null && onRadius(radius)} />
          <Button size="small" disabled={radius === null} data-testid="radius-here" onClick={() => radius !== null && onRadius(radius)}>
            {t("situation.aroundMiddle")}
          </Button>
        </span>
      )}
      <Button size="small" type="text" onClick={onLeave}>
        {t("cancel")}
      </Button>
    </div>
  );
}

/** What can be done with the chosen cameras. */
export function SelectionBar({ count, onWall, onGroup, onClear }: { count: number; onWall: () => void; onGroup: () => void; onClear: () => void }) {
  const { t } = useWords();
  const may = useMay();
  return (
    <div className="selection-bar">
      {may("view-live") && (
        <Button size="small" type="primary" disabled={count === 0} data-testid="selection-to-wall" onClick={onWall}>
          {count > LARGEST ? t("situation.toWall.pages", { pages: Math.ceil(count / LARGEST), most: LARGEST }) : t("situation.toWall")}
        </Button>
      )}
      <Button size="small" disabled={count === 0} data-testid="selection-to-group" onClick={onGroup}>
        {t("situation.toGroup")}
      </Button>
      <Button size="small" data-testid="selection-clear" onClick={onClear}>
        {t("situation.clear")}
      </Button>
    </div>
  );
}
