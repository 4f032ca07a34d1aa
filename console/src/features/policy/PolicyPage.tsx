import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Result, Space, Table } from "antd";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { Refused } from "../../ui/Refused";
import { stacked } from "../../ui/stacked";
import { useTime } from "../../ui/time";
import { LoadPack } from "./LoadPack";
import { OwnerNotices } from "./OwnerNotices";
import { PackContent } from "./PackContent";
import "./policy.css";

type Policy = Schemas["PolicyShape"];
type Past = Schemas["PastPack"];
const STATE_COLOUR: { [state: string]: string } = { "in-force": "status-online", coming: "status-unknown" };

/** What the jurisdiction prescribes: in force, to come, and what there was. */
export function PolicyPage() {
  const { t } = useWords();
  const [loading, setLoading] = useKept("loading a pack", false);
  const policy = useQuery({ queryKey: ["policy"], retry: false, queryFn: () => body(api.GET("/api/v1/policy")), refetchInterval: 30_000 });
  const found = policy.data;
  if (found === undefined) return policy.isError ? <Refused error={policy.error} /> : <div className="hint">{t("loading")}</div>;
  const keys = found.publishers.map((one) => one.key).join(", ");
  return (
    <div className="padded">
      <div className="page-head">
        <p className="hint">{t("policy.help")}</p>
        <Space>
          {found.in_force && <Button href="/api/v1/policy/pack">{t("policy.file")}</Button>}
          {found.may_change && (
            <Button type="primary" data-testid="load-pack" onClick={() => setLoading(true)}>
              {t("policy.load")}
            </Button>
          )}
        </Space>
      </div>
      <OwnerNotices />
      <Standing policy={found} />
      <Coming policy={found} />
      {found.in_force && <PackContent pack={found.in_force} />}
      {found.history.length > 0 && <History history={found.history} />}
      <p className="quiet">{keys === "" ? t("policy.publishers.none") : t("policy.publishers", { keys })}</p>
      <LoadPack open={loading} onClose={() => setLoading(false)} />
    </div>
  );
}

function Standing({ policy }: { policy: Policy }) {
  const { t, pick } = useWords();
  const time = useTime();
  const pack = policy.in_force;
  if (pack === null) {
    const why = pick(policy.fault_zh, policy.fault_en);
    return <Result status="warning" data-testid="policy-closed" title={why === "" ? t("policy.none") : t("policy.fault", { why })} subTitle={t("policy.none.help")} />;
  }
  return (
    <div className="card pack-head" data-testid="pack-in-force">
      <h2>
        {pick(pack.title_zh, pack.title_en)} <span className="quiet">{t("policy.label", { name: pack.name, version: pack.version })}</span>
      </h2>
      <dl className="facts">
        <dt>{t("policy.publisher")}</dt>
        <dd>{pack.publisher}</dd>
        <dt>{t("policy.since")}</dt>
        <dd>{time(pack.from_at)}</dd>
        <dt>{t("policy.issued")}</dt>
        <dd>{pack.issued_on}</dd>
        <dt>{t("policy.key")}</dt>
        <dd className="mono">{pack.key}</dd>
        <dt>{t("policy.digest")}</dt>
        <dd className="mono">{pack.digest}</dd>
      </dl>
    </div>
  );
}

function Coming({ policy }: { policy: Policy }) {
  const { t, pick } = useWords();
  const time = useTime();
  const pack = policy.coming;
  if (pack === null) return null;
  const label = t("policy.label", { name: pack.name, version: pack.version });
  return (
    <div className="notice" data-testid="pack-coming">
      <b>{t("policy.coming", { label, time: time(pack.from_at) })}</b> · <Link to="/approvals">{t("policy.toApproval")}</Link>
      <div>{t(policy.tightened.length > 0 ? "policy.coming.help" : "policy.coming.none")}</div>
      {policy.tightened.map((one) => (
        <div key={one.field}>
          {pick(one.zh, one.en)}: {pick(one.value_zh, one.value_en)}
        </div>
      ))}
    </div>
  );
}

function History({ history }: { history: Past[] }) {
  const { t } = useWords();
  const time = useTime();
  return (
    <div className="card">
      <h3>{t("policy.history")}</h3>
      <Table<Past>
        size="small"
        className="stacked"
        rowKey={(one) => `${one.digest}-${one.from_at}`}
        dataSource={history}
        pagination={{ pageSize: 10, hideOnSinglePage: true }}
        columns={stacked<Past>([
          { title: t("policy.state"), width: 110, render: (_, one) => <span className={STATE_COLOUR[one.state] ?? "quiet"}>{stateWord(one.state)}</span> },
          { title: t("device.name"), render: (_, one) => t("policy.label", { name: one.name, version: one.version }) },
          { title: t("policy.asked"), width: 160, render: (_, one) => (one.request === "" ? t("policy.installed") : one.asked_by) },
          { title: t("policy.approved"), width: 160, dataIndex: "approved_by" },
          { title: t("policy.from"), width: 190, render: (_, one) => time(one.from_at) },
          { title: t("policy.until"), width: 190, render: (_, one) => (one.until_at === null ? "" : time(one.until_at)) },
        ])}
      />
    </div>
  );

  function stateWord(state: string): string {
    if (state === "in-force" || state === "coming" || state === "dropped") return t(`policy.state.${state}`);
    return t("policy.state.past");
  }
}
