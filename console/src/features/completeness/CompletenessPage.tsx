import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { AreaSelect } from "../../ui/AreaSelect";
import { DayLegend } from "../../ui/days/DayLegend";
import { daysFrom } from "../../ui/days/day-facts";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { AreaDays } from "./AreaDays";
import "./completeness.css";
import { Figures } from "./Figures";
import { Lacking } from "./Lacking";

const LAST_DAYS = 30;
const COUNTY = 6;

/** What was due and is recorded, by area and day. */
export function CompletenessPage() {
  const { t } = useWords();
  const [area, setArea] = useState("");
  const [chosen, setChosen] = useState<{ area: string; name: string; day: string }>();
  const found = useQuery({
    queryKey: ["recorded-areas", area],
    retry: false,
    refetchInterval: 60_000,
    queryFn: () => body(api.GET("/api/v1/recorded-areas", { params: { query: { area, days: LAST_DAYS } } })),
  });
  const go = (to: string) => {
    setArea(to);
    setChosen(undefined);
  };
  const days = found.data === undefined ? [] : daysFrom(found.data.since, found.data.today);
  return (
    <div className="padded completeness">
      <div className="completeness-head">
        <AreaSelect value={area} label={t("completeness.area")} everywhere testId="completeness-area" onChange={(to) => go(to.slice(0, COUNTY))} />
        {area !== "" && (
          <Button data-testid="completeness-up" onClick={() => go(area.slice(0, -2))}>
            {t("completeness.up")}
          </Button>
        )}
        <DayLegend />
      </div>
      <Figures key={`figures ${area}`} area={area} onArea={(to) => (to.length < COUNTY || to !== area ? go(to) : undefined)} />
      {found.isError ? (
        <Refused error={found.error} />
      ) : found.data === undefined ? (
        <div className="hint">{t("loading")}</div>
      ) : found.data.items.length === 0 ? (
        <div className="hint">{t("completeness.none", { count: LAST_DAYS })}</div>
      ) : (
        <AreaDays key={area} areas={found.data.items} days={days} chosen={chosen} onArea={(to) => to.length < COUNTY || to !== area ? go(to) : undefined} onDay={(one, day) => setChosen({ area: one.area, name: one.name, day })} />
      )}
      {chosen !== undefined && <Lacking key={`${chosen.area} ${chosen.day}`} area={chosen.area} name={chosen.name === "" ? t("completeness.everywhere") : chosen.name} day={chosen.day} />}
    </div>
  );
}
