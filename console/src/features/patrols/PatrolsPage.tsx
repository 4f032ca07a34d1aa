import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { api, body } from "../../api-client/client";
import { DuePatrols } from "../../ui/DuePatrols";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { useMay } from "../../ui/signed-in";
import { OfCentre } from "./OfCentre";
import "./patrols.css";
import { PlanEditor } from "./PlanEditor";
import { PlanList } from "./PlanList";
import { RoundList } from "./RoundList";
import type { Plan } from "./shapes";

/** What is due at a centre, its plans, and every round. */
export function PatrolsPage() {
  const { t } = useWords();
  const manages = useMay()("manage-duty");
  const [editing, setEditing] = useKept<Plan | "new">("patrol plan that is edited");
  const plans = useQuery({ queryKey: ["duty", "patrols", "plans"], retry: false, queryFn: () => body(api.GET("/api/v1/video-patrols/plans")) });
  if (plans.data === undefined) return plans.isError ? <Refused error={plans.error} /> : <div className="hint">{t("loading")}</div>;
  const log = (
    <Link to="/patrols/log" className="page-link" data-testid="joint-log">
      {t("patrol.log.title")}
    </Link>
  );
  return (
    <OfCentre help={t("patrol.help")} link={log}>
      {(centre, there) => (
        <>
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
              <PlanList plans={plans.data.items.filter((one) => one.centre === centre.id)} there={there} onChange={setEditing} />
            </section>
          </div>
          {editing !== undefined && <PlanEditor centre={centre} plan={editing === "new" ? undefined : editing} onClose={() => setEditing(undefined)} />}
        </>
      )}
    </OfCentre>
  );
}
