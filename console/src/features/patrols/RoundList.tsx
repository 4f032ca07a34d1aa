import { Link } from "@tanstack/react-router";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useShortTime } from "../../ui/time";
import { Pages } from "./Pages";

/** Every round of a centre, the newest first. */
export function RoundList({ centre }: { centre: number }) {
  const { t } = useWords();
  const time = useShortTime();
  return (
    <section className="card" data-testid="rounds">
      <h2>{t("patrol.rounds")}</h2>
      <Pages name={["rounds", centre]} ask={(cursor) => body(api.GET("/api/v1/video-patrols/centres/{centre}/rounds", { params: { path: { centre }, query: { cursor } } }))} none={t("patrol.rounds.none")}>
        {(rounds) => (
          <ol className="patrol-rounds">
            {rounds.map((one) => (
              <li key={one.id} className={`patrol-${one.state}`} data-testid={`round-${one.id}`}>
                <time>{time(one.due_from)}</time>
                <b className="patrol-state">{one.state === "done" && !one.in_time ? t("patrol.late") : t(`patrol.state.${one.state}`)}</b>
                <Link to="/patrols/rounds/$round" params={{ round: String(one.id) }}>
                  {one.plan_name}
                </Link>
                <span className="quiet">
                  {[
                    ...(one.by_hand ? [t("patrol.handMade")] : []),
                    ...(one.started_at === null ? [] : [one.name, t("patrol.progress", { seen: one.seen, stops: one.stops })]),
                    ...(one.findings > 0 ? [t("patrol.rounds.findings", { count: one.findings })] : []),
                    ...(one.impossible > 0 ? [t("patrol.rounds.impossible", { count: one.impossible })] : []),
                    ...(one.watched_s > 0 ? [t("patrol.rounds.watched", { seconds: Math.round(one.watched_s) })] : []),
                    ...(one.reason === "" ? [] : [one.reason]),
                    ...(one.noted_by === "" ? [] : [t("patrol.rounds.noted", { name: one.noted_by })]),
                  ].join(" · ")}
                </span>
              </li>
            ))}
          </ol>
        )}
      </Pages>
    </section>
  );
}
