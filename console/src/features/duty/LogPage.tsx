import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Select } from "antd";
import { useContext, useState } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { SignedIn, useMay } from "../../ui/signed-in";
import { LogEntries } from "./LogEntries";
import { PastHandOvers } from "./PastHandOvers";
import { StandingOrders } from "./StandingOrders";
import "./duty.css";
import "../../ui/log.css";

const KEY = "fengsui.log-centre";

/** What is written down on duty at a centre, its standing orders, and who handed over to whom. */
export function LogPage() {
  const { t } = useWords();
  const may = useMay();
  const me = useContext(SignedIn)?.user.id ?? 0;
  const [chosen, setChosen] = useState(() => Number(sessionStorage.getItem(KEY) ?? 0));
  const duty = useQuery({ queryKey: ["duty"], retry: false, queryFn: () => body(api.GET("/api/v1/duty")) });
  if (duty.data === undefined) return duty.isError ? <Refused error={duty.error} /> : <div className="hint">{t("loading")}</div>;
  const { centres, mine } = duty.data;
  const centre = centres.find((one) => one.id === chosen) ?? centres.find((one) => one.id === mine?.centre) ?? centres[0];
  if (centre === undefined) return <div className="hint">{t("duty.none")}</div>;
  const choose = (id: number) => {
    sessionStorage.setItem(KEY, String(id));
    setChosen(id);
  };
  const writes = centre.shifts.some((one) => one.user_id === me);
  const reads = writes || may("read-duty-log") || duty.data.offered?.centre === centre.id;
  return (
    <div className="padded">
      <div className="page-head">
        <Select<number> value={centre.id} aria-label={t("roster.centre")} data-testid="log-centre" style={{ minWidth: 200 }} onChange={choose} options={centres.map((one) => ({ value: one.id, label: one.name }))} />
        <p className="hint">{t("log.help")}</p>
        {(may("take-duty") || may("manage-duty") || may("open-ticket")) && (
          <Link to="/duty" className="page-link">
            {t("log.back")}
          </Link>
        )}
      </div>
      <div className="log-columns">
        <LogEntries key={centre.id} centre={centre} writes={writes} reads={reads} />
        <aside>
          <StandingOrders centre={centre} />
          {reads && <PastHandOvers centre={centre} />}
        </aside>
      </div>
    </div>
  );
}
