import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Progress, Table } from "antd";
import { useRef } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { stacked } from "../../ui/stacked";

type Import = Schemas["PointImportShape"];
type Row = Schemas["PointRowShape"];

const MOVING: Import["phase"][] = ["reading", "checking", "writing"];
const EVERY_MS = 400;
const SHOWN = 200;
const OUTCOMES = ["new", "changed", "same", "refused"] as const;
/** What is refused is what has to be mended: shown alone, else all. */
const SIGNS: Record<Row["outcome"], [mark: string, style: string]> = { new: ["+", "status-online"], changed: ["~", "status-unknown"], same: ["=", "quiet"], refused: ["▲", "status-fault"] };
const HEADINGS = { zh: "主机账号,防区号,名称,类型,摄像机编码,预置位,经度,纬度", en: "account,zone,name,kind,camera,preset,longitude,latitude" };

const send = (table: File) =>
  body(
    api.POST("/api/v1/alarm-point-imports", {
      params: { query: { name: table.name.slice(0, 128) } },
      body: table as unknown as string,
      bodySerializer: (sent: unknown) => sent as Blob,
      headers: { "content-type": "application/octet-stream" },
    }),
  );

interface Props {
  /** Of the table that is under way. */
  number: number | undefined;
  onBegun: (number: number) => void;
  onClose: () => void;
}

/** Alarm points from a table: looked through row by row first, then all of them or none. */
export function ImportPoints({ number, onBegun, onClose }: Props) {
  const { t, pick } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const chosen = useRef<HTMLInputElement>(null);
  const key = ["point-import", number];
  const found = useQuery({
    queryKey: key,
    enabled: number !== undefined,
    retry: false,
    refetchInterval: ({ state }) => (state.data !== undefined && MOVING.includes(state.data.phase) ? EVERY_MS : false),
    queryFn: async () => {
      const at = { path: { number: number ?? 0 } };
      const one = await body(api.GET("/api/v1/alarm-point-imports/{number}", { params: { ...at, query: { limit: SHOWN } } }));
      return one.counts["refused"] === 0 ? one : body(api.GET("/api/v1/alarm-point-imports/{number}", { params: { ...at, query: { limit: SHOWN, outcome: "refused" } } }));
    },
  });
  const one = found.data;
  const take = (table: File) =>
    act(async () => {
      const begun = await send(table);
      onBegun(begun.number);
      await queries.invalidateQueries({ queryKey: ["point-import", begun.number] });
    });
  const commit = () =>
    act(async () => {
      if (one === undefined) return;
      await body(api.POST("/api/v1/alarm-point-imports/{number}/commit", { params: { path: { number: one.number } } }));
      await queries.invalidateQueries({ queryKey: key });
      await queries.invalidateQueries({ queryKey: ["alarm-hosts"] });
    });
  return (
    <Drawer open title={t("points.import")} size="large" onClose={onClose} data-testid="points-import">
      <p className="quiet">{t("points.import.help")}</p>
      <div className="points-import-acts">
        <input
          ref={chosen}
          type="file"
          hidden
          accept=".xlsx,.csv"
          data-testid="points-table"
          onChange={(event) => {
            const table = event.target.files?.[0];
            if (table !== undefined) void take(table);
            event.target.value = "";
          }}
        />
        <Button type={one?.phase === "ready" ? "default" : "primary"} loading={busy && one?.phase !== "ready"} onClick={() => chosen.current?.click()}>
          {t("points.import.choose")}
        </Button>
        <Button href={`data:text/csv;charset=utf-8,${encodeURIComponent(`\uFEFF${pick(HEADINGS.zh, HEADINGS.en)}\r\n`)}`} download="alarm-points.csv">
          {t("points.import.template")}
        </Button>
      </div>
      {found.isError && <Refused error={found.error} />}
      {one !== undefined && <Looked one={one} busy={busy} onCommit={commit} />}
    </Drawer>
  );
}

function Looked({ one, busy, onCommit }: { one: Import; busy: boolean; onCommit: () => Promise<unknown> }) {
  const { t, pick } = useWords();
  if (one.problem !== null) {
    return (
      <div className="notice" role="alert" data-testid="points-import-problem">
        <b>{pick(one.problem.zh, one.problem.en)}</b> {pick(one.problem.remedy_zh, one.problem.remedy_en)}
      </div>
    );
  }
  const count = (outcome: (typeof OUTCOMES)[number]) => one.counts[outcome] ?? 0;
  const wanted = count("new") + count("changed");
  const listed = count("refused") > 0 ? count("refused") : one.total === 0 ? 0 : OUTCOMES.map(count).reduce((sum, each) => sum + each, 0);
  return (
    <section data-testid="points-import-state" data-phase={one.phase}>
      <h3>
        {one.name} · {t(`points.import.phase.${one.phase}`)}
      </h3>
      {MOVING.includes(one.phase) && (
        <div className="points-import-bar">
          <Progress percent={one.total === 0 ? 0 : Math.floor((one.done / one.total) * 100)} size="small" aria-label={t(`points.import.phase.${one.phase}`)} />
          {one.seconds_left !== null && <span className="quiet">{t("points.import.left", { seconds: Math.ceil(one.seconds_left) })}</span>}
        </div>
      )}
      {(one.phase === "ready" || one.phase === "done") && (
        <>
          <p className="points-import-counts">
            {OUTCOMES.map((outcome) => (
              <span key={outcome} className={SIGNS[outcome][1]} data-testid={`points-import-${outcome}`}>
                {SIGNS[outcome][0]} {t(`points.import.${outcome}`)} {count(outcome)}
              </span>
            ))}
          </p>
          {one.phase === "ready" && (
            <p>
              <Button type="primary" disabled={count("refused") > 0 || wanted === 0} loading={busy} data-testid="points-import-commit" onClick={() => void onCommit()}>
                {t("points.import.commit", { count: wanted })}
              </Button>{" "}
              {count("refused") > 0 && <span className="status-fault">{t("points.import.blocked")}</span>}
            </p>
          )}
          <Table<Row>
            size="small"
            className="stacked"
            rowKey="number"
            dataSource={one.rows}
            pagination={false}
            columns={stacked<Row>([
              { title: t("points.import.row"), dataIndex: "number", width: 70, align: "right" },
              { title: t("points.account"), width: 130, render: (_, row) => <code>{row.account}</code> },
              { title: t("points.zone"), dataIndex: "zone", width: 80 },
              { title: t("points.name"), dataIndex: "name" },
              {
                title: t("points.import.what"),
                render: (_, row) => (
                  <span className={SIGNS[row.outcome][1]}>
                    {SIGNS[row.outcome][0]} {row.outcome === "refused" ? pick(row.why_zh, row.why_en) : t(`points.import.${row.outcome}`)}
                  </span>
                ),
              },
            ])}
          />
          {listed > one.rows.length && <p className="quiet">{t("points.import.more", { count: listed - one.rows.length })}</p>}
        </>
      )}
    </section>
  );
}
