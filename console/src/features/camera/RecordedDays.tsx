import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { CauseMarks } from "../../ui/days/CauseMarks";
import { DayLegend } from "../../ui/days/DayLegend";
import { DayPicture } from "../../ui/days/DayPicture";
import { daysFrom, missingOf, percent, shareOf, summed, weekdayOf, type DayFacts } from "../../ui/days/day-facts";
import { useRoving } from "../../ui/days/use-roving";
import { span } from "../../ui/figures";
import { useWords } from "../../ui/language";
import { useTime } from "../../ui/time";
import { Fills } from "./Fills";

const LAST_DAYS = 30;
const WEEK = [0, 1, 2, 3, 4, 5, 6] as const;
const DAY_NAMES = ["recording.day.1", "recording.day.2", "recording.day.3", "recording.day.4", "recording.day.5", "recording.day.6", "recording.day.7"] as const;

/** A camera's last weeks as a calendar of what was due and is recorded; a day opens its gaps. */
export function RecordedDays({ camera }: { camera: string }) {
  const { t } = useWords();
  const found = useQuery({
    queryKey: ["recorded-days", camera],
    refetchInterval: 60_000,
    retry: false,
    queryFn: () => body(api.GET("/api/v1/cameras/{code}/recorded-days", { params: { path: { code: camera }, query: { days: LAST_DAYS } } })),
  }).data;
  if (found === undefined) return null;
  const total = summed(found.items);
  return (
    <section className="card" data-testid="recorded-days">
      <h3>{t("days.title")}</h3>
      <p data-testid="recorded-share">{total.due_s > 0 ? t("days.total", { count: LAST_DAYS, share: percent(shareOf(total)) }) : t("days.none", { count: LAST_DAYS })}</p>
      {total.due_s > 0 && <Calendar camera={camera} found={found} />}
    </section>
  );
}

/** By weeks; the Tab key comes to the last day first. */
function Calendar({ camera, found }: { camera: string; found: Schemas["RecordedDays"] }) {
  const { t } = useWords();
  const [chosen, setChosen] = useState<string>();
  const days = daysFrom(found.since, found.today);
  const before = days[0] === undefined ? 0 : weekdayOf(days[0]);
  const weeks = Math.ceil((before + days.length) / WEEK.length);
  const last = before + days.length - 1;
  const roving = useRoving(weeks, WEEK.length, { row: Math.floor(last / WEEK.length), column: last % WEEK.length });
  const known = new Map(found.items.map((one) => [one.day, one]));
  return (
    <>
      <div className="day-calendar" role="group" aria-label={t("days.calendar", { count: LAST_DAYS })} ref={roving.grid} onKeyDown={roving.onKeyDown}>
        {DAY_NAMES.map((name) => (
          <span key={name} className="quiet">
            {t(name)}
          </span>
        ))}
        {days.map((day, number) => (
          <Day key={day} day={day} facts={known.get(day)} column={number === 0 ? before + 1 : undefined} chosen={chosen === day} onChoose={() => setChosen(chosen === day ? undefined : day)} stop={roving.cell(Math.floor((before + number) / WEEK.length), (before + number) % WEEK.length)} />
        ))}
      </div>
      <DayLegend />
      {chosen !== undefined && <Gaps camera={camera} day={chosen} facts={known.get(chosen)} />}
    </>
  );
}

interface DayProps {
  day: string;
  facts: DayFacts | undefined;
  column: number | undefined;
  chosen: boolean;
  stop: object;
  onChoose: () => void;
}

function Day({ day, facts, column, chosen, stop, onChoose }: DayProps) {
  const { t } = useWords();
  const said = useSaid()(day, facts);
  return (
    <button type="button" className="day-cell" style={column === undefined ? {} : { gridColumnStart: column }} title={said} aria-label={said} aria-pressed={chosen} data-testid={`day-${day}`} onClick={onChoose} {...stop}>
      <span className="quiet">{Number(day.slice(-2)) === 1 ? t("days.month", { month: Number(day.slice(5, 7)) }) : Number(day.slice(-2))}</span>
      <DayPicture day={facts} />
    </button>
  );
}

function useSaid(): (day: string, facts: DayFacts | undefined) => string {
  const { t } = useWords();
  return (day, facts) => {
    if (facts === undefined || facts.due_s <= 0) return t("days.said.notDue", { day });
    const due = span(facts.due_s);
    return missingOf(facts) < 0.5 ? t("days.said.whole", { day, due }) : t("days.said", { day, due, share: percent(shareOf(facts)), missing: span(missingOf(facts)) });
  };
}

/** What is missing of one day, part by part. */
function Gaps({ camera, day, facts }: { camera: string; day: string; facts: Schemas["RecordedDay"] | undefined }) {
  const { t } = useWords();
  const time = useTime();
  const found = useQuery({ queryKey: ["recording-gaps", camera, day], retry: false, queryFn: () => body(api.GET("/api/v1/cameras/{code}/recording-gaps", { params: { path: { code: camera }, query: { day } } })) }).data;
  if (found === undefined) return null;
  const parts = found.items.flatMap((gap) => gap.parts);
  return (
    <div className="day-gaps" data-testid="recording-gaps" aria-live="polite">
      <h4>{t(found.footage_gone ? "days.gaps.gone" : parts.length === 0 ? "days.gaps.none" : "days.gaps", { day })}</h4>
      {facts !== undefined && <CauseMarks missing={facts.missing} />}
      <ol>
        {parts.map((part) => (
          <li key={`${part.from} ${part.cause}`}>
            <span>
              {time(part.from).slice(-8)}–{time(part.to).slice(-8)}
            </span>
            <CauseMarks missing={{ device: 0, node: 0, disk: 0, line: 0, unknown: 0, [part.cause]: (Date.parse(part.to) - Date.parse(part.from)) / 1000 }} />
          </li>
        ))}
      </ol>
      <Fills camera={camera} day={day} filledS={facts?.filled_s ?? 0} />
    </div>
  );
}
