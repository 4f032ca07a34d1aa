import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { useTime } from "../../ui/time";

/** Every round of a centre, the newest first. */
export function RoundList({ centre }: { centre: number }) {
  const { t } = useWords();
  const time = useTime();
  const found = useInfiniteQuery({
    queryKey: ["duty", "patrols", "rounds", centre],
    retry: false,
    initialPageParam: 0,
    queryFn: ({ pageParam }) => body(api.GET("/api/v1/video-patrols/centres/{centre}/rounds", { params: { path: { centre }, query: { cursor: pageParam } } })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const rounds = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className="card" data-testid="rounds">
      <h2>{t("patrol.rounds")}</h2>
      {found.isError && <Refused error={found.error} />}
      {found.isSuccess && rounds.length === 0 && <p className="quiet">{t("patrol.rounds.none")}</p>}
      <ol className="patrol-rounds">
        {rounds.map((one) => (
          <li key={one.id} className={`patrol-${one.state}`} data-testid={`round-${one.id}`}>
            <time>{time(one.due_from).slice("2026-".length, -":00".length)}</time>
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
      {found.hasNextPage && (
        <Button size="small" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {t("patrol.rounds.more")}
        </Button>
      )}
    </section>
  );
}
