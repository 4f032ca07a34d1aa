import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Space, Table } from "antd";
import { api, body, type Schemas } from "../../api-client/client";
import { AskReason } from "../../ui/AskReason";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { useAct } from "../../ui/act";
import { Refused } from "../../ui/Refused";
import { stacked } from "../../ui/stacked";
import { useTime } from "../../ui/time";

type Log = Schemas["NeighbourLog"];
type Finding = Schemas["NeighbourFinding"];

/** The nodes whose checkpoints are kept here: how far, when last heard, what was found; and the act that ends a finding. */
export function NeighbourLogs() {
  const { t } = useWords();
  const time = useTime();
  const known = useQueryClient();
  const { act } = useAct();
  const [asked, setAsked] = useKept<string>("asked about a neighbour");
  const logs = useQuery({ queryKey: ["neighbour-logs"], queryFn: () => body(api.GET("/api/v1/audit/neighbours")) });
  const found = logs.data;
  const openOnes = (log: Log) => log.findings.filter((one) => one.ended_at === null);
  const review = (note: string) =>
    act(async () => {
      await body(api.POST("/api/v1/audit/neighbours/{node}/review", { params: { path: { node: asked ?? "" } }, body: { note } }));
      await known.invalidateQueries({ queryKey: ["neighbour-logs"] });
    });
  return (
    <section data-testid="neighbour-logs">
      <h3>{t("audit.neighbours")}</h3>
      {logs.isError && <Refused error={logs.error} />}
      {found && <p className={found.bus === "away" ? "status-fault" : "quiet"}>{t(`audit.neighbours.bus.${found.bus}`, { what: found.what })}</p>}
      {found?.items.length === 0 && <p className="quiet">{t("audit.neighbours.none")}</p>}
      {found && found.items.length > 0 && (
        <Table<Log>
          size="small"
          className="stacked"
          rowKey="code"
          pagination={false}
          dataSource={found.items}
          expandable={{ rowExpandable: (log) => log.findings.length > 0, defaultExpandAllRows: true, expandedRowRender: (log) => <Findings of={log.findings} /> }}
          columns={stacked<Log>([
            {
              title: t("audit.neighbours.node"),
              render: (_, log) => (
                <>
                  {log.code}
                  <div className="quiet">{t("audit.key", { fingerprint: log.fingerprint })}</div>
                </>
              ),
            },
            {
              title: t("audit.neighbours.kept"),
              align: "right",
              render: (_, log) => (
                <>
                  {log.last}
                  {log.claimed > 0 && log.claimed !== log.last && <div className="status-fault">{t("audit.neighbours.claimed", { record: String(log.claimed) })}</div>}
                </>
              ),
            },
            { title: t("audit.neighbours.heard"), render: (_, log) => <span className={log.silent ? "status-fault" : ""}>{log.heard_at ? time(log.heard_at) : "—"}</span> },
            { title: t("audit.neighbours.findings"), render: (_, log) => <span className={openOnes(log).length ? "status-fault" : "status-online"}>{openOnes(log).length || t("audit.neighbours.fine")}</span> },
            {
              title: "",
              align: "right",
              render: (_, log) => (
                <Space>
                  <Button size="small" href={`/api/v1/audit/neighbours/${log.code}/checkpoints`}>
                    {t("audit.neighbours.take")}
                  </Button>
                  <Button size="small" disabled={openOnes(log).every((one) => one.kind === "silent")} data-testid="review" onClick={() => setAsked(log.code)}>
                    {t("audit.neighbours.review")}
                  </Button>
                </Space>
              ),
            },
          ])}
        />
      )}
      <AskReason
        name={`review of ${asked ?? ""}`}
        open={asked !== undefined}
        title={t("audit.neighbours.review.title", { code: asked ?? "" })}
        label={t("audit.neighbours.review.note")}
        help={t("audit.neighbours.review.help")}
        okText={t("audit.neighbours.review")}
        onClose={() => setAsked(undefined)}
        onSure={review}
      />
    </section>
  );
}

/** One line a finding, the newest first; those that ended with what came of them. */
function Findings({ of }: { of: Finding[] }) {
  const { t, language } = useWords();
  const time = useTime();
  return (
    <ul className="findings" data-testid="findings">
      {of.map((one) => (
        <li key={`${one.kind}-${one.first_at}`} className={one.ended_at === null ? "status-fault" : "quiet"}>
          {language === "en" ? one.en : one.zh}
          <div className="quiet">
            {time(one.first_at)} · {one.detail}
            {one.times > 1 && ` · ${t("audit.neighbours.times", { times: String(one.times), at: time(one.last_at) })}`}
            {one.ended_at !== null && ` · ${t("audit.neighbours.ended", { by: one.ended_by, note: one.note })} · ${time(one.ended_at)}`}
          </div>
        </li>
      ))}
    </ul>
  );
}
