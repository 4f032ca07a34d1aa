import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useContext, useState } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { personName } from "../../ui/person-name";
import { Refused } from "../../ui/Refused";
import { SignedIn, useMay } from "../../ui/signed-in";
import { Accept } from "./Accept";
import { CentreCard } from "./CentreCard";
import { NewCentre } from "./NewCentre";
import type { Duty } from "./seats";
import "./duty.css";

/** Centres, who sits where, taking and leaving a seat, and access in danger. */
export function DutyPage() {
  const { t, gap } = useWords();
  const may = useMay();
  const me = useContext(SignedIn)?.user.id ?? 0;
  const [adding, setAdding] = useKept("adding a centre", false);
  const found = useQuery({ queryKey: ["duty"], retry: false, queryFn: () => body(api.GET("/api/v1/duty")), refetchInterval: 15_000 });
  if (found.data === undefined) return found.isError ? <Refused error={found.error} /> : <div className="hint">{t("loading")}</div>;
  const duty = found.data;
  const manages = may("manage-duty");
  const add = manages && (
    <Button type="primary" data-testid="add-centre" onClick={() => setAdding(true)}>
      {t("duty.centre.add")}
    </Button>
  );
  return (
    <div className="padded">
      <div className="page-head">
        <p className="hint">
          {t("duty.help")}
          {gap}
          {duty.at_sign_in && <b data-testid="at-sign-in">{t("duty.atSignIn")}</b>}
        </p>
        <Link to="/duty/log" className="page-link" data-testid="shift-log">
          {t("nav.log")}
        </Link>
        {may("open-ticket") && (
          <Link to="/emergencies" className="page-link">
            {t("emergency.title")}
          </Link>
        )}
        {duty.centres.length > 0 && add}
      </div>
      {duty.swaps > 0 && (
        <div className="notice offered" role="status" data-testid="swaps-waiting">
          <span>{t("swap.waiting", { count: duty.swaps })}</span>
          <Link to="/duty/roster">{t("swap.open")}</Link>
        </div>
      )}
      {duty.offered !== null && <Offered duty={duty} />}
      {duty.centres.length === 0 && (
        <section className="card teach" data-testid="no-centre">
          <h2>{t("duty.none")}</h2>
          <p>{t(duty.free ? "duty.none.help" : "duty.elsewhere")}</p>
          {manages ? add : <p className="quiet">{t("duty.none.ask")}</p>}
        </section>
      )}
      {duty.centres.map((centre) => (
        <CentreCard key={centre.id} centre={centre} others={duty.centres} mine={duty.mine} uses={duty.uses} me={me} factor={duty.factor} />
      ))}
      <NewCentre open={adding} others={duty.centres} onClose={() => setAdding(false)} />
    </div>
  );
}

function Offered({ duty }: { duty: Duty }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const centre = duty.centres.find((one) => one.id === duty.offered?.centre);
  if (duty.offered === null || centre === undefined) return null;
  return (
    <div className="notice offered" role="status" data-testid="offered">
      <span>{t("duty.offered", { name: personName(duty.offered), centre: centre.name, seat: duty.offered.seat })}</span>
      <Button type="primary" size="small" data-testid="accept" onClick={() => setOpen(true)}>
        {t("duty.accept")}
      </Button>
      <Accept key={duty.offered.id} open={open} shift={duty.offered} centre={centre} factor={duty.factor} onClose={() => setOpen(false)} />
    </div>
  );
}
