import { useQuery } from "@tanstack/react-query";
import { Button, Segmented } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { AreaSelect } from "../../ui/AreaSelect";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import type { TextKey } from "../../ui/texts";
import { useTime } from "../../ui/time";
import { Bars, type Bar } from "./Bars";
import "./board.css";
import { Buckets } from "./Buckets";
import { Makers, Places } from "./Places";
import { StepTable } from "./StepTable";
import { Sums } from "./Sums";

export type Figures = Schemas["AlarmFiguresShape"];
type Span = Figures["span"];

const SPANS: Span[] = ["day", "week", "month"];
const AGAIN_MS = 60_000;
const COUNTY = 6;

/** What came, where it rises, what was none, and how fast it was seen to: of one's own areas. */
export function BoardPage() {
  const { t } = useWords();
  const time = useTime();
  const [area, setArea] = useState("");
  const [span, setSpan] = useState<Span>("day");
  const found = useQuery({ queryKey: ["alarm-figures", area, span], retry: false, refetchInterval: AGAIN_MS, placeholderData: (before) => before, queryFn: () => body(api.GET("/api/v1/alarm-figures", { params: { query: { area, span } } })) });
  const figures = found.data;
  return (
    <div className="padded board">
      <div className="board-head">
        <AreaSelect value={area} label={t("board.area")} everywhere testId="board-area" onChange={(to) => setArea(to.slice(0, COUNTY))} />
        {area !== "" && (
          <Button data-testid="board-up" onClick={() => setArea(area.slice(0, -2))}>
            {t("completeness.up")}
          </Button>
        )}
        <Segmented<Span> value={span} data-testid="board-span" options={SPANS.map((one) => ({ value: one, label: t(`board.span.${one}`) }))} onChange={setSpan} />
        <span className="grow" />
        {figures !== undefined && <span className="quiet">{t("board.at", { at: time(figures.at), since: time(figures.since) })}</span>}
      </div>
      {found.isError ? <Refused error={found.error} /> : figures === undefined ? <div className="hint">{t("loading")}</div> : <Board figures={figures} onArea={(to) => setArea(to.slice(0, COUNTY))} />}
    </div>
  );
}

function Board({ figures, onArea }: { figures: Figures; onArea: (area: string) => void }) {
  const { t } = useWords();
  const areas = figures.areas.map((one): Bar => ({ key: one.area, label: one.area_name, now: one.alarms, before: one.before }));
  const kinds = figures.kinds.map((one): Bar => ({ key: one.category, label: t(`alarm.category.${one.category}` as TextKey), now: one.alarms, before: one.before }));
  return (
    <>
      <Sums figures={figures} />
      <Buckets figures={figures} />
      <div className="board-pair">
        <StepTable steps={figures.steps} />
        <Places title={t("board.rising")} help={t("board.rising.help")} none={t("board.rising.none")} places={figures.rising} told="rise" testId="board-rising" />
      </div>
      <div className="board-pair">
        <Bars title={t("board.areas")} bars={areas} onChoose={onArea} testId="board-areas" />
        <Bars title={t("board.kinds")} bars={kinds} testId="board-kinds" />
      </div>
      <div className="board-pair">
        <Places title={t("board.false")} help={t("board.false.help")} none={t("board.false.none")} places={figures.deceptive} told="false" testId="board-false" />
        <Makers makers={figures.makers} />
      </div>
    </>
  );
}
