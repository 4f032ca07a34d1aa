import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import type { TextKey } from "../../ui/texts";
import { alarmToDesk } from "../../ui/to-alarm";

type Place = Schemas["PlaceFigure"];

interface Props {
  title: string;
  help: string;
  none: string;
  places: readonly Place[];
  told: "rise" | "false";
  testId: string;
}

/** Sources of alarms, each by its newest one: places, never persons. */
export function Places({ title, help, none, places, told, testId }: Props) {
  const { t } = useWords();
  return (
    <section className="card board-places" data-testid={testId}>
      <h3>
        {title} <span className="quiet">{help}</span>
      </h3>
      {places.length === 0 && <p className="hint">{none}</p>}
      <ul>
        {places.map(({ alarm, now, usual, real, false: wrong }) => (
          <li key={alarm.id}>
            <Link to="/alarms" onClick={() => alarmToDesk(alarm.id)} title={t("board.open.alarm")}>
              {[alarm.area_name, alarm.site, alarm.point || alarm.zone].filter((part, at, all) => part !== "" && all.indexOf(part) === at).join(" · ")}
            </Link>
            <span className="quiet">{t(`alarm.category.${alarm.category}` as TextKey)}</span>
            <b>{told === "rise" ? now : wrong}</b>
            <span className="quiet">{told === "rise" ? t("board.usual", { usual: Number(usual.toFixed(1)) }) : t("board.real", { count: real })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Verdicts by who made what reported. */
export function Makers({ makers }: { makers: readonly Schemas["MakerFigure"][] }) {
  const { t } = useWords();
  return (
    <section className="card board-places" data-testid="board-makers">
      <h3>
        {t("board.makers")} <span className="quiet">{t("board.makers.help")}</span>
      </h3>
      {makers.length === 0 && <p className="hint">{t("board.false.none")}</p>}
      <ul>
        {makers.map(({ protocol, maker, real, false: wrong }) => (
          <li key={`${protocol} ${maker}`}>
            <span>{maker || t(`board.protocol.${protocol}` as TextKey)}</span>
            <span className="quiet">{maker === "" ? t("board.maker.unknown") : t(`board.protocol.${protocol}` as TextKey)}</span>
            <b>{wrong + real === 0 ? "–" : `${Math.round((wrong / (wrong + real)) * 100)}%`}</b>
            <span className="quiet">{t("board.of", { false: wrong, all: wrong + real })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
