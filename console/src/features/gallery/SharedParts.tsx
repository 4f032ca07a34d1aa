import { Button, Space } from "antd";
import { useState } from "react";
import { AreaSelect } from "../../ui/AreaSelect";
import { AskReason } from "../../ui/AskReason";
import { Chart } from "../../ui/Chart";
import { DateField } from "../../ui/DateField";
import { CauseMarks } from "../../ui/days/CauseMarks";
import { DayLegend } from "../../ui/days/DayLegend";
import { Differences } from "../../ui/Differences";
import { DocumentFields, NO_DOCUMENT } from "../../ui/DocumentFields";
import { GuideLink } from "../../ui/GuideLink";
import { useWords } from "../../ui/language";
import { CameraCell } from "../../ui/list/camera-cell";
import { PersonPick } from "../../ui/PersonPick";
import "../../ui/player/player.css";
import { ScreenMark } from "../../ui/player/ScreenMark";
import { TileMessage } from "../../ui/player/TileMessage";
import { Refused } from "../../ui/Refused";
import { ShareSelect, type With } from "../../ui/ShareSelect";
import type { Status } from "../../ui/status";
import { StateChips } from "../../ui/tree/StateChips";
import { Part } from "./Part";
import { CAMERA, DIFFERENCES, FAULT, HOUR_S, LOAD, MISSING, PEOPLE, REFUSAL, TILES } from "./samples";

/** Choosing and asking: whom, where, when, why. */
export function AskingParts() {
  const { t } = useWords();
  const [area, setArea] = useState<string>();
  const [person, setPerson] = useState<number>();
  const [at, setAt] = useState("2026-11-27T08:00");
  const [states, setStates] = useState<readonly Status[]>([]);
  const [share, setShare] = useState<With>({ post: "", centre: 0 });
  const [asking, setAsking] = useState(false);
  const [paper, setPaper] = useState(NO_DOCUMENT);
  return (
    <Part title="gallery.asking">
      <div className="gallery-asking">
        <AreaSelect value={area} label={t("gallery.area")} everywhere testId="gallery-area" onChange={setArea} />
        <PersonPick people={PEOPLE} value={person} label={t("gallery.person")} testId="gallery-person" onChange={setPerson} />
        <DateField label={t("gallery.day")} value={at} precision="minute" testId="gallery-minute" onChange={setAt} />
        <ShareSelect value={share} testId="gallery-share" onChange={setShare} />
        <StateChips states={states} onChange={setStates} />
        <span>
          <CameraCell status="online" name={CAMERA} />
        </span>
        <GuideLink place="console#the-frame" />
      </div>
      <DocumentFields document={paper} onChange={setPaper} />
      <Space>
        <Button onClick={() => setAsking(true)}>{t("gallery.reason")}</Button>
      </Space>
      <AskReason name="gallery" open={asking} title={t("gallery.reason")} help={t("gallery.reason.help")} label={t("gallery.text")} okText={t("gallery.main")} onClose={() => setAsking(false)} onSure={() => Promise.resolve(true)} />
    </Part>
  );
}

/** What went wrong and what to do: on a page, on a page that a rule closes, and on a tile. */
export function TellingParts() {
  return (
    <>
      <Part title="gallery.fault">
        <div className="two">
          <Refused error={FAULT} />
          <Refused error={REFUSAL} />
        </div>
      </Part>
      <Part title="gallery.tiles">
        <div className="gallery-tiles">
          {TILES.map((live) => (
            <div key={live.picture.kind} className="tile" data-state={live.picture.kind}>
              <TileMessage live={live} />
              <ScreenMark />
            </div>
          ))}
        </div>
      </Part>
    </>
  );
}

/** Figures and changes. */
export function ShowingParts() {
  const { t } = useWords();
  return (
    <div className="two">
      <Chart title={t("gallery.chart")} at={HOUR_S} series={[{ label: t("gallery.chart"), values: LOAD, colour: "accent" }]} least={1} format={(share) => `${Math.round(share * 100)}%`} testId="gallery-chart" />
      <Part title="gallery.changes">
        <Differences differences={DIFFERENCES} />
        <DayLegend />
        <CauseMarks missing={MISSING} />
      </Part>
    </div>
  );
}
