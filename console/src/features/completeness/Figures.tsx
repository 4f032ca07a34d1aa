import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { Shortfalls, type Figure } from "./Shortfalls";

type Area = Schemas["FiguresOfArea"];
type All = Schemas["FootageFigures"];

const percent = (value: number | null) => (value === null ? "–" : `${Number(value.toFixed(2))}%`);

/** What a figure says of an area, whether its target is met, and what it is made of. */
function told(figure: Figure, one: Area, all: All) {
  const { kept, playable } = one;
  if (figure === "kept") return { value: kept.percent, isMet: kept.short === 0, lacking: kept.short, target: all.kept_target, of: [kept.met, kept.met + kept.short] as const };
  if (figure === "over") return { value: kept.over_percent, isMet: kept.over === 0, lacking: kept.over, target: all.over_target, of: [kept.over, kept.met + kept.short + kept.young] as const };
  return { value: playable.percent, isMet: playable.percent === null || playable.percent >= all.playable_target, lacking: playable.tries - playable.played, target: all.playable_target, of: [playable.played, playable.tries] as const };
}

const FIGURES: Figure[] = ["kept", "over", "playable"];

/** Whether footage is kept as long as it must be and no longer, and whether it plays: figures with their targets, by area. */
export function Figures({ area, onArea }: { area: string; onArea: (area: string) => void }) {
  const { t } = useWords();
  const [chosen, setChosen] = useState<{ figure: Figure; area: string; name: string }>();
  const found = useQuery({ queryKey: ["footage-figures", area], retry: false, refetchInterval: 60_000, queryFn: () => body(api.GET("/api/v1/footage-figures", { params: { query: { area } } })) });
  if (found.isError) return <Refused error={found.error} />;
  if (found.data === undefined) return <div className="hint">{t("loading")}</div>;
  const all = found.data;
  const rows = all.items.length > 1 ? [all.all, ...all.items] : [all.all];
  const nameOf = (one: Area) => (one.name === "" ? t("completeness.everywhere") : one.name);
  return (
    <>
      <section className="card figures" data-testid="footage-figures">
        <table aria-label={t("figures.title")}>
          <thead>
            <tr>
              <th scope="col">{t("completeness.area")}</th>
              {FIGURES.map((figure) => (
                <th key={figure} scope="col" title={t(`figures.${figure}.help`)}>
                  <b>{t(`figures.${figure}`)}</b> <span className="quiet">{t("figures.target", { target: percent(told(figure, all.all, all).target) })}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((one, at) => (
              <tr key={`${at} ${one.area}`} data-testid={at === 0 ? "figures-all" : `figures-${one.area}`}>
                <th scope="row">
                  {at === 0 ? nameOf(one) : (
                    <Button type="link" size="small" onClick={() => onArea(one.area)}>
                      {nameOf(one)}
                    </Button>
                  )}
                </th>
                {FIGURES.map((figure) => {
                  const { value, isMet, lacking, of } = told(figure, one, all);
                  const counted = t(figure === "playable" ? "figures.tries" : "figures.cameras", { part: of[0], whole: of[1] });
                  const young = figure === "kept" && one.kept.young > 0 ? t("figures.young", { count: one.kept.young }) : "";
                  const said = of[1] > 0 ? counted : figure === "playable" ? t("figures.untried") : "";
                  return (
                    <td key={figure} data-testid={`figure-${figure}`} data-met={isMet} data-name={t(`figures.${figure}`)}>
                      <b className={isMet ? "" : "unmet"}>{percent(value)}</b>
                      <span className="quiet">{[said, young].filter((text) => text !== "").join(" · ")}</span>
                      {lacking > 0 && (
                        <Button size="small" onClick={() => setChosen({ figure, area: one.area, name: nameOf(one) })} data-testid={`lacking-${figure}`}>
                          {t("figures.which", { count: lacking })}
                        </Button>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
        <p className="hint">{t("figures.how", { since: all.since, today: all.today })}</p>
      </section>
      {chosen !== undefined && <Shortfalls key={`${chosen.figure} ${chosen.area}`} {...chosen} onClose={() => setChosen(undefined)} />}
    </>
  );
}
