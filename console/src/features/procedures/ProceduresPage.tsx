import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Popconfirm, Switch } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { useMay } from "../../ui/signed-in";
import { useTime } from "../../ui/time";
import { orderOf, type Procedure } from "./form";
import { ProcedureEditor } from "./ProcedureEditor";
import "./procedures.css";
import { SkippedSteps } from "./SkippedSteps";
import { StepTree } from "./StepTree";

/** Procedures that hold where one works; for supervisors also the steps that were skipped. */
export function ProceduresPage() {
  const { t } = useWords();
  const may = useMay();
  const manages = may("manage-duty");
  const [editing, setEditing] = useKept<Procedure | "new">("procedure that is edited");
  const found = useQuery({ queryKey: ["procedures"], retry: false, queryFn: () => body(api.GET("/api/v1/procedures")) });
  if (found.data === undefined) return found.isError ? <Refused error={found.error} /> : <div className="hint">{t("loading")}</div>;
  return (
    <div className="padded">
      <div className="page-head">
        <p className="hint">{t("procedures.help")}</p>
        <Link to="/methods" className="page-link" data-testid="methods-link">
          {t("methods.open")}
        </Link>
        {manages && (
          <Button type="primary" data-testid="add-procedure" onClick={() => setEditing("new")}>
            {t("procedures.add")}
          </Button>
        )}
      </div>
      {(manages || may("read-duty-log")) && <SkippedSteps manages={manages} />}
      <section className="card">
        {found.data.items.length === 0 && <p className="quiet">{t("procedures.none")}</p>}
        <ol className="procedures" data-testid="procedures">
          {found.data.items.map((one) => (
            <ProcedureRow key={one.id} procedure={one} onChange={setEditing} />
          ))}
        </ol>
      </section>
      {editing !== undefined && <ProcedureEditor procedure={editing === "new" ? undefined : editing} onClose={() => setEditing(undefined)} />}
    </div>
  );
}

function ProcedureRow({ procedure, onChange }: { procedure: Procedure; onChange: (one: Procedure) => void }) {
  const { t, gap } = useWords();
  const time = useTime();
  const queries = useQueryClient();
  const { busy, act } = useAct();
  const [shown, setShown] = useState(false);
  const params = { path: { procedure_id: procedure.id } };
  const stale = () => queries.invalidateQueries({ queryKey: ["procedures"] });
  const turn = (on: boolean) => act(() => api.PUT("/api/v1/procedures/{procedure_id}", { params, body: { ...orderOf(procedure), on, version: procedure.version } }).then(stale));
  const remove = () => act(() => api.DELETE("/api/v1/procedures/{procedure_id}", { params: { ...params, query: { version: procedure.version } } }).then(stale));
  return (
    <li data-testid={`procedure-${procedure.id}`} className={procedure.on ? "" : "off"}>
      <div className="procedure-head">
        <Switch size="small" checked={procedure.on} loading={busy} disabled={!procedure.editable} aria-label={t("rules.on.of", { name: procedure.name })} onChange={(on) => void turn(on)} />
        <b>{procedure.name}</b>
        {procedure.mandatory && <span className="mandatory">{t("procedures.mandatory")}</span>}
        <span className="quiet">{[procedure.area_name, t("procedures.count", { count: procedure.steps.length })].join(" · ")}</span>
        <span className="grow" />
        <Button size="small" data-testid={`show-${procedure.id}`} onClick={() => setShown(!shown)}>
          {t(shown ? "procedures.hide" : "procedures.show")}
        </Button>
        {procedure.editable && (
          <>
            <Button size="small" data-testid={`change-${procedure.id}`} onClick={() => onChange(procedure)}>
              {t("rules.change")}
            </Button>
            <Popconfirm title={t("procedures.remove.sure")} okText={t("rules.remove")} cancelText={t("cancel")} onConfirm={remove}>
              <Button size="small">{t("rules.remove")}</Button>
            </Popconfirm>
          </>
        )}
      </div>
      <p className="quiet">{[t("rules.version", { version: procedure.version, name: procedure.changed_by, at: time(procedure.changed_at) })].join(gap)}</p>
      {shown && <StepTree steps={procedure.steps} />}
      {shown && <Versions id={procedure.id} version={procedure.version} />}
    </li>
  );
}

/** What a procedure said before. */
function Versions({ id, version }: { id: number; version: number }) {
  const { t } = useWords();
  const time = useTime();
  const [open, setOpen] = useState<number>();
  const found = useQuery({ queryKey: ["procedures", id, "versions", version], retry: false, queryFn: () => body(api.GET("/api/v1/procedures/{procedure_id}/versions", { params: { path: { procedure_id: id } } })) });
  if (found.isError) return <Refused error={found.error} />;
  const earlier = (found.data?.items ?? []).filter((one) => one.procedure.version !== version);
  if (earlier.length === 0) return null;
  return (
    <ul className="procedure-versions">
      {earlier.map(({ procedure: one }) => (
        <li key={one.version}>
          <Button size="small" type="text" onClick={() => setOpen(open === one.version ? undefined : one.version)}>
            {t("rules.version", { version: one.version, name: one.changed_by, at: time(one.changed_at) })}
          </Button>
          {open === one.version && <StepTree steps={one.steps} />}
        </li>
      ))}
    </ul>
  );
}
