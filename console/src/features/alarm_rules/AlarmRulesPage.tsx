import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm, Switch } from "antd";
import { api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { useMay } from "../../ui/signed-in";
import { useTime } from "../../ui/time";
import "./alarm-rules.css";
import { orderOf, unshown, type Rule } from "./form";
import { RuleEditor } from "./RuleEditor";

/** What the node does by itself about alarms: each rule with whether it is on, and how it failed last. */
export function AlarmRulesPage() {
  const { t } = useWords();
  const manages = useMay()("manage-duty");
  const [editing, setEditing] = useKept<Rule | "new">("alarm rule that is edited");
  const rules = useQuery({ queryKey: ["alarm-rules"], retry: false, queryFn: () => body(api.GET("/api/v1/alarm-rules")), refetchInterval: 30_000 });
  if (rules.data === undefined) return rules.isError ? <Refused error={rules.error} /> : <div className="hint">{t("loading")}</div>;
  return (
    <div className="padded">
      <div className="page-head">
        <p className="hint">{t("rules.help")}</p>
        {manages && (
          <Button type="primary" data-testid="add-rule" onClick={() => setEditing("new")}>
            {t("rules.add")}
          </Button>
        )}
      </div>
      <section className="card">
        {rules.data.items.length === 0 && <p className="quiet">{t("rules.none")}</p>}
        <ol className="alarm-rules" data-testid="rules">
          {rules.data.items.map((one) => (
            <RuleRow key={one.id} rule={one} manages={manages} onChange={setEditing} />
          ))}
        </ol>
      </section>
      {editing !== undefined && <RuleEditor rule={editing === "new" ? undefined : editing} onClose={() => setEditing(undefined)} />}
    </div>
  );
}

function RuleRow({ rule, manages, onChange }: { rule: Rule; manages: boolean; onChange: (rule: Rule) => void }) {
  const { t, gap } = useWords();
  const time = useTime();
  const queries = useQueryClient();
  const { busy, act } = useAct();
  const params = { path: { rule_id: rule.id } };
  const stale = () => queries.invalidateQueries({ queryKey: ["alarm-rules"] });
  const turn = (on: boolean) => act(() => api.PUT("/api/v1/alarm-rules/{rule_id}", { params, body: { ...orderOf(rule), on, version: rule.version } }).then(stale));
  const remove = () => act(() => api.DELETE("/api/v1/alarm-rules/{rule_id}", { params: { ...params, query: { version: rule.version } } }).then(stale));
  const windows = rule.when.windows ?? [];
  return (
    <li data-testid={`rule-${rule.id}`} className={rule.on ? "" : "off"}>
      <div className="alarm-rule-head">
        <Switch size="small" checked={rule.on} loading={busy} disabled={!manages || rule.hidden_cameras > 0} aria-label={t("rules.on.of", { name: rule.name })} data-testid={`on-${rule.id}`} onChange={(on) => void turn(on)} />
        <b>{rule.name}</b>
        <span className="quiet">{rule.area_name}</span>
        <span className="grow" />
        {manages && (
          <Button size="small" disabled={rule.hidden_cameras > 0} data-testid={`change-${rule.id}`} onClick={() => onChange(rule)}>
            {t("rules.change")}
          </Button>
        )}
        {manages && (
          <Popconfirm title={t("rules.remove.sure")} okText={t("rules.remove")} cancelText={t("cancel")} onConfirm={remove}>
            <Button size="small" data-testid={`remove-${rule.id}`}>
              {t("rules.remove")}
            </Button>
          </Popconfirm>
        )}
      </div>
      <p>
        {[
          (rule.when.categories ?? []).map((one) => t(`alarm.category.${one}`)).join("、") || t("rules.any.kind"),
          ...((rule.when.priorities ?? []).length > 0 ? [(rule.when.priorities ?? []).map((one) => t(`priority.${one as 1}`)).join("、")] : []),
          ...((rule.when.sites ?? []).length > 0 ? [(rule.when.sites ?? []).join("、")] : []),
          ...windows.map((one) => `${one.days.map((day) => t(`patrol.day.${day as 1}`)).join("")} ${one.from}–${one.to}`),
          ...(unshown(rule.when) > 0 ? [t("rules.more", { count: unshown(rule.when) })] : []),
          ...(rule.when.armed ? [t(`rules.armed.${rule.when.armed}`)] : []),
          ...(rule.when.repeats ? [t("rules.repeats.said", { count: rule.when.repeats.count, seconds: rule.when.repeats.within_s })] : []),
        ].join(" · ")}
        {" → "}
        {rule.then.map((one) => t(`rules.do.${one.do}`)).join("、")}
      </p>
      {rule.failures > 0 && rule.failed_at && (
        <p className="status-fault" data-testid={`failed-${rule.id}`}>
          {t("rules.failed", { count: rule.failures, at: time(rule.failed_at), why: rule.last_error ?? "" })}
        </p>
      )}
      <p className="quiet">{[t("rules.version", { version: rule.version, name: rule.changed_by, at: time(rule.changed_at) }), ...(rule.hidden_cameras > 0 ? [t("rules.hidden", { count: rule.hidden_cameras })] : [])].join(gap)}</p>
    </li>
  );
}
