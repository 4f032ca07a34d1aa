import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useState } from "react";
import { useAct } from "../act";
import { useWords } from "../language";
import { Refused } from "../Refused";
import { askedRuns, runsKey, start, type About } from "./procedure-run";
import "./procedure.css";
import { RunCard } from "./RunCard";

/** Procedures of an alarm or an incident: those that are proposed, the one that is under way, and what was done. `works`: one may go on with them. */
export function ProcedurePanel({ about, works }: { about: About; works: boolean }) {
  const { t } = useWords();
  const queries = useQueryClient();
  const { busy, act } = useAct();
  const [held, setHeld] = useState<number>();
  const found = useQuery({ queryKey: runsKey(about), retry: false, queryFn: () => askedRuns(about) });
  if (found.isError) return <Refused error={found.error} />;
  if (found.data === undefined || (found.data.runs.length === 0 && (!works || found.data.offered.length === 0))) return null; // an empty frame would push the picture down
  const { offered, runs } = found.data;
  const mine = runs.filter((one) => (about.kind === "alarm" ? one.alarm : one.incident) === about.id);
  const begun = new Set(mine.map((one) => one.procedure));
  const proposed = offered.filter((one) => one.proposed && !begun.has(one.id));
  const others = offered.filter((one) => !proposed.includes(one) && !mine.some((run) => run.procedure === one.id && run.step !== null));
  const stale = () => queries.invalidateQueries({ queryKey: ["procedure-runs"] });
  const begin = (procedure: number) => void act(async () => {
    setHeld((await start(about, procedure)).id);
    await stale();
  });
  return (
    <section className="procedure-panel" aria-label={t("procedures.title")} data-testid="procedure-panel">
      <header>
        <h2>{t("procedures.title")}</h2>
        {works && (
          <>
            {proposed.map((one) => (
              <Button key={one.id} type="primary" size="small" loading={busy} data-testid={`start-procedure-${one.id}`} onClick={() => begin(one.id)}>
                {t(one.mandatory ? "procedures.start.mandatory" : "procedures.start", { name: one.name })}
              </Button>
            ))}
            {others.length > 0 && <Select<number> size="small" placeholder={t("procedures.other")} aria-label={t("procedures.other")} data-testid="other-procedure" options={others.map((one) => ({ value: one.id, label: one.name }))} onChange={begin} />}
          </>
        )}
      </header>
      {runs.map((one) => (
        <RunCard key={one.id} run={one} works={works && (mine.includes(one) || (about.kind === "incident" && one.incident !== null))} held={held === one.id} onMoved={() => (setHeld(one.id), stale())} />
      ))}
    </section>
  );
}
