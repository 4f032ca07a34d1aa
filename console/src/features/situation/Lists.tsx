import { Input } from "antd";
import { useMemo, type ReactNode, type RefObject } from "react";
import { useWords } from "../../ui/language";
import { BlindAreas } from "./BlindAreas";
import { blindAreas } from "./blind";
import { CameraRows } from "./CameraRows";
import { Filter } from "./Filter";
import type { Points, Shown } from "../../ui/map/points";

export type List = "view" | "selection" | "blind" | "sightings";

interface Props {
  points: Points | undefined;
  shown: Shown;
  onShown: (shown: Shown) => void;
  search: RefObject<HTMLInputElement | null>;
  text: string;
  onText: (text: string) => void;
  list: List;
  onList: (list: List) => void;
  /** Of the cameras in view, or found. */
  inView: readonly number[];
  /** Of the chosen ones; undefined where nothing was chosen. */
  selected: readonly number[] | undefined;
  selectionBar: ReactNode;
  /** What people noted; undefined for whom it is not. */
  sightings: { count: number; rows: ReactNode } | undefined;
  chosen: string | undefined;
  onChoose: (at: number) => void;
  onArea: (code: string) => void;
}

/** Beside the map: what is in view, what was chosen on it, and where nothing is seen. */
export function Lists({ points, shown, onShown, search, text, onText, list, onList, inView, selected, selectionBar, sightings, chosen, onChoose, onArea }: Props) {
  const { t } = useWords();
  const blind = useMemo(() => (points === undefined ? 0 : blindAreas(points).length), [points]);
  const counted: Record<List, number> = { view: inView.length, selection: selected?.length ?? 0, blind, sightings: sightings?.count ?? 0 };
  const labels: Record<List, string> = { view: t(text.trim() === "" ? "situation.inView" : "situation.found"), selection: t("situation.selection"), blind: t("situation.blind"), sightings: t("sighting.list") };
  const places = list === "selection" ? (selected ?? []) : inView;
  return (
    <aside className="side" aria-label={t("situation.lists")}>
      <div className="search">
        <Input
          ref={(input) => {
            search.current = input?.input ?? null;
          }}
          allowClear
          value={text}
          aria-label={t("situation.search")}
          placeholder={t("situation.search")}
          data-testid="situation-search"
          onChange={(event) => onText(event.target.value)}
        />
      </div>
      {points !== undefined && <Filter points={points} shown={shown} onShown={onShown} />}
      <div className="list-heads" role="group" aria-label={t("situation.lists")}>
        {(["view", "selection", "blind", "sightings"] as const).filter((one) => one !== "sightings" || sightings !== undefined).map((one) => (
          <button key={one} aria-pressed={one === list} data-testid={`list-${one}`} onClick={() => onList(one)}>
            {labels[one]} <b data-testid={`count-${one}`}>{counted[one]}</b>
          </button>
        ))}
      </div>
      {list === "sightings" && sightings?.rows}
      {list === "selection" && selected !== undefined && selectionBar}
      {points === undefined && <div className="hint">{t("loading")}</div>}
      {points !== undefined && list === "blind" && <BlindAreas points={points} onArea={onArea} />}
      {points !== undefined && list !== "blind" && list !== "sightings" && (
        <CameraRows key={list} points={points} places={places} chosen={chosen} label={labels[list]} empty={list === "selection" ? t("situation.selection.none") : t(points.codes.length === 0 ? "situation.none" : "situation.noneHere")} onChoose={onChoose} />
      )}
      <div className="foot">{points !== undefined && t("situation.total", { count: points.codes.length, unplaced: points.unplaced })}</div>
    </aside>
  );
}
