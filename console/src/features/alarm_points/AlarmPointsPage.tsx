import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button, Input, Select, Table } from "antd";
import { useEffect, useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { stacked } from "../../ui/stacked";
import { useTime } from "../../ui/time";
import { hostState, type Host, type HostState } from "./host";
import { HostDrawer } from "./HostDrawer";
import { HostForm } from "./HostForm";
import { ImportPoints } from "./ImportPoints";
import { useSupervised } from "./supervised";
import "./alarm-points.css";

const EVERY_MS = 10_000;
const REST_MS = 250;
const PART = 100;
/** A colour alone tells nothing to whoever does not see it. */
const MARKS: Record<HostState, [mark: string, style: string]> = {
  distrusted: ["▲", "status-fault"],
  silent: ["▲", "status-fault"],
  late: ["▲", "status-fault"],
  opened: ["▲", "status-fault"],
  tested: ["◆", "status-unknown"],
  never: ["○", "quiet"],
  well: ["●", "status-online"],
};
/** What lists are asked for, and the mark that it has there. */
const STATES = { silent: "silent", lapse: "late", tested: "tested", distrusted: "distrusted" } as const;
type Asked = keyof typeof STATES;

/** Alarm hosts of one's own areas, by account, with what is wrong with them; accounts that nobody entered stand above. */
export function AlarmPointsPage() {
  const { t } = useWords();
  const time = useTime();
  const supervised = useSupervised();
  const [typed, setTyped] = useState("");
  const [q, setQ] = useState("");
  const [state, setState] = useState<Asked>();
  const [chosen, setChosen] = useState<number>();
  const [importing, setImporting] = useState(false);
  const [table, setTable] = useKept<number>("import of points");
  const [entering, setEntering] = useState<{ account: string }>();
  useEffect(() => {
    const timer = setTimeout(() => setQ(typed), REST_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const waiting = useQuery({ queryKey: ["alarm-hosts", "waiting"], retry: false, refetchInterval: EVERY_MS, queryFn: () => body(api.GET("/api/v1/waiting-alarm-hosts")) });
  const found = useInfiniteQuery({
    queryKey: ["alarm-hosts", "list", q, state],
    retry: false,
    refetchInterval: EVERY_MS,
    placeholderData: keepPreviousData,
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => body(api.GET("/api/v1/alarm-hosts", { params: { query: { q, ...(state === undefined ? {} : { state }), limit: PART, cursor: pageParam } }, signal })),
    getNextPageParam: (last) => last.next ?? undefined,
  });
  if (found.isError && found.data === undefined) return <Refused error={found.error} />;
  const hosts = found.data?.pages.flatMap((page) => page.items) ?? [];
  const host = hosts.find((one) => one.id === chosen);
  return (
    <div className="padded">
      <Waiting items={waiting.data?.items ?? []} onEnter={(account) => setEntering({ account })} />
      <div className="page-head points-head">
        <Input.Search allowClear className="points-search" value={typed} placeholder={t("points.search")} aria-label={t("points.search")} data-testid="points-search" onChange={(event) => setTyped(event.target.value)} />
        <Select allowClear className="points-state" value={state ?? null} placeholder={t("points.state.any")} aria-label={t("points.state")} data-testid="points-state" options={(Object.keys(STATES) as Asked[]).map((value) => ({ value, label: `${MARKS[STATES[value]][0]} ${t(`points.state.${value}`)}` }))} onChange={(value: Asked | undefined) => setState(value)} />
        <span className="quiet grow" data-testid="points-total">
          {found.data !== undefined && t("points.total", { count: found.data.pages[0]?.total ?? 0 })}
        </span>
        <Button data-testid="import-points" onClick={() => setImporting(true)}>
          {t("points.import")}
        </Button>
        <Button type="primary" data-testid="add-alarm-host" onClick={() => setEntering({ account: "" })}>
          {t("points.add")}
        </Button>
      </div>
      <Table<Host>
        size="small"
        className="stacked points-table"
        rowKey="id"
        loading={found.isPending}
        dataSource={hosts}
        pagination={false}
        locale={{ emptyText: <div className="hint">{t(q === "" && state === undefined ? "points.none.yet" : "points.none")}</div> }}
        rowClassName={(one) => (one.id === chosen ? "chosen" : "")}
        onRow={(one) => ({ onClick: () => setChosen(one.id) })}
        columns={stacked<Host>([
          {
            title: t("points.site"),
            render: (_, one) => (
              <Button type="link" className="points-open" data-testid={`host-${one.account}`} onClick={() => setChosen(one.id)}>
                {one.site}
              </Button>
            ),
          },
          { title: t("points.account"), width: 150, render: (_, one) => <code>{one.account}</code> },
          { title: t("points.area"), dataIndex: "area_name", width: 130 },
          { title: t("points.state"), width: 130, render: (_, one) => <HostMark host={one} /> },
          { title: t("points.heard"), width: 180, render: (_, one) => (one.heard_at === null ? "—" : time(one.heard_at)) },
          { title: t("points.interval"), width: 130, render: (_, one) => supervised(one.interval_s) },
          { title: t("points.count"), width: 80, align: "right", render: (_, one) => one.points.length },
        ])}
      />
      {found.hasNextPage && (
        <Button className="points-more" loading={found.isFetchingNextPage} data-testid="points-more" onClick={() => void found.fetchNextPage()}>
          {t("points.more")}
        </Button>
      )}
      <HostDrawer host={host} onClose={() => setChosen(undefined)} />
      {importing && <ImportPoints number={table} onBegun={setTable} onClose={() => setImporting(false)} />}
      {entering !== undefined && <HostForm account={entering.account} onClose={() => setEntering(undefined)} />}
    </div>
  );
}

export function HostMark({ host }: { host: Host }) {
  const { t } = useWords();
  const state = hostState(host);
  const [mark, style] = MARKS[state];
  return (
    <span className={style} data-state={state}>
      {mark} {t(`points.state.${state}`)}
    </span>
  );
}

function Waiting({ items, onEnter }: { items: readonly Schemas["WaitingAlarmHostShape"][]; onEnter: (account: string) => void }) {
  const { t } = useWords();
  const time = useTime();
  if (items.length === 0) return null;
  return (
    <section className="card" aria-labelledby="waiting-hosts">
      <h3 id="waiting-hosts">{t("points.waiting")}</h3>
      <ul className="points-waiting" data-testid="waiting-hosts">
        {items.map((one) => (
          <li key={one.account}>
            <code>{one.account}</code>
            <span className="quiet grow">
              {t("points.waiting.said", { address: one.address, transport: one.transport.toUpperCase(), count: one.attempts, at: time(one.last_seen_at) })} · {t(one.encrypted ? "points.encrypted" : "points.clear")}
            </span>
            <Button size="small" data-testid={`enter-${one.account}`} onClick={() => onEnter(one.account)}>
              {t("points.waiting.enter")}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
