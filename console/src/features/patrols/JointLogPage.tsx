import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Select } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { useTime } from "../../ui/time";
import { Months } from "./Months";
import { OnFoot } from "./OnFoot";
import "./patrols.css";
import { SnapshotLink } from "./Snapshot";

const KEY = "fengsui.patrol-centre";
type Line = Schemas["PatrolLine"];

/** Patrols by video and on foot in one line of time, and how many rounds were done in time. */
export function JointLogPage() {
  const { t } = useWords();
  const [chosen, setChosen] = useState(() => Number(sessionStorage.getItem(KEY) ?? 0));
  const duty = useQuery({ queryKey: ["duty"], retry: false, queryFn: () => body(api.GET("/api/v1/duty")) });
  if (duty.data === undefined) return duty.isError ? <Refused error={duty.error} /> : <div className="hint">{t("loading")}</div>;
  const { centres, mine } = duty.data;
  const centre = centres.find((one) => one.id === chosen) ?? centres.find((one) => one.id === mine?.centre) ?? centres[0];
  if (centre === undefined) return <div className="hint">{t("patrol.noCentre")}</div>;
  const choose = (id: number) => {
    sessionStorage.setItem(KEY, String(id));
    setChosen(id);
  };
  return (
    <div className="padded">
      <div className="page-head">
        <Select<number> value={centre.id} aria-label={t("roster.centre")} data-testid="patrol-centre" style={{ minWidth: 200 }} onChange={choose} options={centres.map((one) => ({ value: one.id, label: one.name }))} />
        <p className="hint">{t("patrol.log.help")}</p>
        <Link to="/patrols" className="page-link">
          {t("patrol.back")}
        </Link>
      </div>
      <div className="log-columns">
        <section className="card">
          <h2>{t("patrol.log.title")}</h2>
          {mine?.centre === centre.id && <OnFoot />}
          <Lines key={centre.id} centre={centre.id} />
        </section>
        <Months centre={centre.id} />
      </div>
    </div>
  );
}

function Lines({ centre }: { centre: number }) {
  const { t } = useWords();
  const found = useInfiniteQuery({
    queryKey: ["duty", "patrols", "log", centre],
    retry: false,
    initialPageParam: 0,
    queryFn: ({ pageParam }) => body(api.GET("/api/v1/video-patrols/centres/{centre}/log", { params: { path: { centre }, query: { cursor: pageParam } } })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const lines = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      {found.isError && <Refused error={found.error} />}
      {found.isSuccess && lines.length === 0 && <p className="quiet">{t("patrol.log.none")}</p>}
      <ol className="log patrol-log" data-testid="patrol-log">
        {lines.map((one) => (
          <LogLine key={`${one.kind} ${one.entry} ${one.round}`} line={one} />
        ))}
      </ol>
      {found.hasNextPage && (
        <Button size="small" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {t("patrol.rounds.more")}
        </Button>
      )}
    </>
  );
}

function LogLine({ line }: { line: Line }) {
  const { t } = useWords();
  const time = useTime();
  return (
    <li className={`patrol-line-${line.kind}`} data-testid={`line-${line.kind}`}>
      <time>{time(line.at).slice("2026-".length, -":00".length)}</time>
      <span className={`kind kind-${line.kind}`}>{t(`patrol.line.${line.kind}`)}</span>
      <span className="said">
        {line.kind === "missed" ? t("patrol.line.missed.said", { plan: line.text }) : line.text} <SnapshotLink camera={line.camera} digest={line.snapshot} />
      </span>
      <span className="quiet">
        {line.name}
        {line.entry > 0 && ` · ${t("patrol.line.entry", { entry: line.entry })}`}
        {line.round > 0 && (
          <>
            {" · "}
            <Link to="/patrols/rounds/$round" params={{ round: String(line.round) }}>
              {t("patrol.look")}
            </Link>
          </>
        )}
      </span>
    </li>
  );
}
