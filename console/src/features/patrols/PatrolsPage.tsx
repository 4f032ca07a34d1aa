import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Select } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { DuePatrols } from "../../ui/DuePatrols";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { useMay } from "../../ui/signed-in";
import "./patrols.css";
import { PlanEditor } from "./PlanEditor";
import { PlanList } from "./PlanList";
import { RoundList } from "./RoundList";
import type { Plan } from "./shapes";

const KEY = "fengsui.patrol-centre";

/** What is due at a centre, its plans, and every round. */
export function PatrolsPage() {
  const { t } = useWords();
  const manages = useMay()("manage-duty");
  const [chosen, setChosen] = useState(() => Number(sessionStorage.getItem(KEY) ?? 0));
  const [editing, setEditing] = useKept<Plan | "new">("patrol plan that is edited");
  const duty = useQuery({ queryKey: ["duty"], retry: false, queryFn: () => body(api.GET("/api/v1/duty")) });
  const plans = useQuery({ queryKey: ["duty", "patrols", "plans"], retry: false, queryFn: () => body(api.GET("/api/v1/video-patrols/plans")) });
  if (plans.isError) return <Refused error={plans.error} />;
  if (duty.isError) return <Refused error={duty.error} />;
  if (duty.data === undefined || plans.data === undefined) return <div className="hint">{t("loading")}</div>;
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
        <p className="hint">{t("patrol.help")}</p>
        <Link to="/patrols/log" className="page-link" data-testid="joint-log">
          {t("patrol.log.title")}
        </Link>
      </div>
      <div className="patrol-columns">
        <div>
          <section className="card">
            <h2>{t("patrol.due")}</h2>
            <DuePatrols centre={centre.id} />
          </section>
          <RoundList key={centre.id} centre={centre.id} />
        </div>
        <section className="card" data-testid="plans">
          <div className="patrol-plan-head">
            <h2>{t("patrol.plans")}</h2>
            <span className="grow" />
            {manages && (
              <Button type="primary" size="small" data-testid="add-plan" onClick={() => setEditing("new")}>
                {t("patrol.plan.add")}
              </Button>
            )}
          </div>
          <PlanList plans={plans.data.items.filter((one) => one.centre === centre.id)} there={mine?.centre === centre.id} onChange={setEditing} />
        </section>
      </div>
      {editing !== undefined && <PlanEditor centre={centre} plan={editing === "new" ? undefined : editing} onClose={() => setEditing(undefined)} />}
    </div>
  );
}
