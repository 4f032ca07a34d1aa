import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, body } from "../../api-client/client";
import { ActButton } from "../../ui/act";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import type { Details } from "../../ui/round/round";
import { useRoundDetails } from "../../ui/round/use-round-details";
import { useShortTime, useTime } from "../../ui/time";
import { GoingRound } from "./GoingRound";
import "../../ui/due-patrols.css";
import "./patrols.css";
import { StopList } from "./StopList";

/** One round: gone round by whoever does it, looked at by everybody else. */
export function RoundPage({ number }: { number: number }) {
  const { t } = useWords();
  const time = useTime();
  const short = useShortTime();
  const { details, error, take } = useRoundDetails(number);
  const duty = useQuery({ queryKey: ["duty"], retry: false, queryFn: () => body(api.GET("/api/v1/duty")) });
  if (details === undefined) return error !== null ? <Refused error={error} /> : <div className="hint">{t("loading")}</div>;
  const { round } = details;
  const begin = async () => take(await body(api.POST("/api/v1/video-patrols/rounds/{round}/begin", { params: { path: { round: number } } })));
  const begins = duty.data?.mine?.centre === round.centre && (round.state === "planned" || round.alone);
  return (
    <div className="patrol-page">
      <div className="patrol-page-head">
        <h1>{round.plan_name}</h1>
        <span className="quiet">{round.centre_name}</span>
        <span className={`patrol-${round.state}`}>
          <b className="patrol-state" data-testid="round-state">
            {round.state === "done" && !round.in_time ? t("patrol.late") : t(`patrol.state.${round.state}`)}
          </b>
        </span>
        <span className="quiet">{t("patrol.until", { from: short(round.due_from), until: time(round.due_until).slice("2026-11-26 ".length, -":00".length) })}</span>
        <span data-testid="round-progress">{t("patrol.progress", { seen: round.seen, stops: round.stops })}</span>
        <span className="grow" />
        <Link to="/patrols" className="page-link">
          {t("patrol.back")}
        </Link>
      </div>
      {round.mine ? (
        <GoingRound details={details} onSettled={take} />
      ) : (
        <section className="card patrol-over">
          <p data-testid="round-over">
            {sayOf(round, t)}{" "}
            {begins && (
              <ActButton type="primary" act={begin} data-testid="begin-round">
                {t(round.alone ? "patrol.takeOver" : "patrol.begin")}
              </ActButton>
            )}
          </p>
          <StopList details={details} chosen={0} />
        </section>
      )}
    </div>
  );
}

/** Why there is nothing to do here, or what to do first. */
function sayOf(round: Details["round"], t: ReturnType<typeof useWords>["t"]): string {
  if (round.state === "planned") return t("patrol.waits");
  if (round.state === "under-way") return t(round.alone ? "patrol.others.alone" : "patrol.others", { name: round.name });
  return t(`patrol.over.${round.state}`, { reason: round.reason });
}
