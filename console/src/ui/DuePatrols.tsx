import "./due-patrols.css";
import { Link, useNavigate } from "@tanstack/react-router";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api-client/client";
import { ActButton } from "./act";
import { useDuePatrols, type Round } from "./due-patrols";
import { useWords } from "./language";
import { useMay } from "./signed-in";
import { useTime } from "./time";

const COMING = 8;

/** What a shift has before it: rounds to begin, to go on with, and those that come. `centre`: of one centre alone. */
export function DuePatrols({ centre }: { centre?: number }) {
  const { t } = useWords();
  const time = useTime();
  const due = useDuePatrols();
  if (due === undefined) return null;
  const here = <T extends { centre: number }>(all: readonly T[]) => all.filter((one) => centre === undefined || one.centre === centre);
  const open = here(due.open);
  const coming = here(due.coming);
  const clock = (at: string) => time(at).slice("2026-11-26 ".length, -":00".length);
  return (
    <ul className="patrol-due" data-testid="due-patrols">
      {open.map((one) => (
        <li key={one.id} className={`patrol-${one.state}`} data-testid={`due-${one.id}`}>
          <b className="patrol-state">{t(`patrol.state.${one.state}`)}</b>
          <span className="patrol-name">{one.plan_name}</span>
          <span className="quiet">{t("patrol.until", { from: clock(one.due_from), until: clock(one.due_until) })}</span>
          <span className="quiet">{one.state === "planned" ? t("patrol.stops", { count: one.stops }) : t("patrol.progress", { seen: one.seen, stops: one.stops })}</span>
          {one.state === "under-way" && !one.mine && <span className={one.alone ? "status-fault" : "quiet"}>{one.alone ? `▲ ${t("patrol.alone", { name: one.name })}` : t("patrol.by", { name: one.name })}</span>}
          <span className="grow" />
          <GoRound round={one} />
        </li>
      ))}
      {coming.slice(0, COMING).map((one) => (
        <li key={`${one.plan} ${one.due}`} className="patrol-coming">
          <b className="patrol-state">{t("patrol.coming")}</b>
          <span className="patrol-name">{one.plan_name}</span>
          <span className="quiet">{clock(one.due)}</span>
          <span className="quiet">{t("patrol.stops", { count: one.stops })}</span>
        </li>
      ))}
      {coming.length > COMING && <li className="quiet">{t("patrol.due.more", { count: coming.length - COMING })}</li>}
      {open.length + coming.length === 0 && <li className="quiet">{t("patrol.due.none")}</li>}
    </ul>
  );
}

/** Begins a round, goes on with it, or shows who is on it. */
function GoRound({ round }: { round: Round }) {
  const { t } = useWords();
  const may = useMay();
  const go = useNavigate();
  const queries = useQueryClient();
  const duty = useQuery({ queryKey: ["duty"], enabled: may("take-duty"), queryFn: () => body(api.GET("/api/v1/duty")) }).data;
  const there = { to: "/patrols/rounds/$round", params: { round: String(round.id) } } as const;
  const begins = may("take-duty") && (round.state === "planned" || round.alone);
  if (!begins) {
    return (
      <Link {...there} className="page-link" data-testid={`go-${round.id}`}>
        {t(round.mine ? "patrol.goOn" : "patrol.look")}
      </Link>
    );
  }
  if (duty?.mine?.centre !== round.centre) return <span className="quiet">{t("patrol.signOn")}</span>;
  const begin = async () => {
    await api.POST("/api/v1/video-patrols/rounds/{round}/begin", { params: { path: { round: round.id } } });
    void queries.invalidateQueries({ queryKey: ["duty"] });
    await go(there);
  };
  return (
    <ActButton type="primary" size="small" act={begin} data-testid={`go-${round.id}`}>
      {t(round.alone ? "patrol.takeOver" : "patrol.begin")}
    </ActButton>
  );
}
