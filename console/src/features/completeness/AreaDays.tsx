import { Button } from "antd";
import type { Schemas } from "../../api-client/client";
import { DayPicture } from "../../ui/days/DayPicture";
import { missingOf, percent, shareOf, summed, type DayFacts } from "../../ui/days/day-facts";
import { useRoving } from "../../ui/days/use-roving";
import { span } from "../../ui/figures";
import { useWords } from "../../ui/language";

type Area = Schemas["RecordedArea"];

interface Props {
  areas: Area[];
  days: string[];
  chosen: { area: string; day: string } | undefined;
  onArea: (area: string) => void;
  onDay: (area: Area, day: string) => void;
}

const isMarked = (day: string, at: number) => at === 0 || day.endsWith("-01");
/** The day of the month; with its month where one begins. */
const dated = (day: string, at: number) => (isMarked(day, at) ? `${Number(day.slice(5, 7))}/${Number(day.slice(-2))}` : `${Number(day.slice(-2))}`);

/** A row for each area, a cell for each day. */
export function AreaDays({ areas, days, chosen, onArea, onDay }: Props) {
  const { t } = useWords();
  const roving = useRoving(areas.length, days.length, { row: 0, column: days.length - 1 });
  const said = (day: string, facts: DayFacts | undefined) => {
    if (facts === undefined || facts.due_s <= 0) return t("days.said.notDue", { day });
    const due = span(facts.due_s);
    return missingOf(facts) < 0.5 ? t("days.said.whole", { day, due }) : t("days.said", { day, due, share: percent(shareOf(facts)), missing: span(missingOf(facts)) });
  };
  return (
    <div className="card area-days" ref={roving.grid} onKeyDown={roving.onKeyDown}>
      <table aria-label={t("days.calendar", { count: days.length })}>
        <thead>
          <tr>
            <th scope="col">{t("completeness.area")}</th>
            <th scope="col" className="figure">
              {t("completeness.share")}
            </th>
            {days.map((day, at) => (
              <th key={day} scope="col" className="quiet" aria-label={day}>
                {isMarked(day, at) ? <b>{dated(day, at)}</b> : dated(day, at)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {areas.map((area, row) => {
            const known = new Map(area.days.map((one) => [one.day, one]));
            const name = area.name === "" ? t("completeness.everywhere") : area.name;
            return (
              <tr key={area.area} data-testid={`area-days-${area.area}`}>
                <th scope="row">
                  <Button type="link" size="small" onClick={() => onArea(area.area)}>
                    {name}
                  </Button>
                  <span className="quiet">{t("completeness.cameras", { count: area.days.at(-1)?.cameras ?? 0 })}</span>
                </th>
                <td className="figure">{percent(shareOf(summed(area.days)))}%</td>
                {days.map((day, column) => {
                  const facts = known.get(day);
                  const label = said(day, facts);
                  return (
                    <td key={day} data-date={dated(day, column)}>
                      <button type="button" className="day-cell" title={label} aria-label={label} aria-pressed={chosen?.area === area.area && chosen.day === day} data-testid={`area-${area.area}-${day}`} onClick={() => onDay(area, day)} {...roving.cell(row, column)}>
                        <DayPicture day={facts} />
                      </button>
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
