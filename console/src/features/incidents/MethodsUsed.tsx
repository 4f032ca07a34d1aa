import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Select } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { AskReason } from "../../ui/AskReason";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import type { Details } from "./incident";
import type { IncidentActs } from "./use-incident-acts";

/** Which methods served it: said once it is closed, by whoever works at a desk. */
export function MethodsUsed({ incident, acts }: { incident: Details; acts: IncidentActs }) {
  const { t } = useWords();
  const queries = useQueryClient();
  const { act } = useAct();
  const [linking, setLinking] = useState(false);
  const [parting, setParting] = useState<number>();
  const [which, setWhich] = useState<number>();
  const path = { incident_id: incident.id };
  const found = useQuery({ queryKey: ["incidents", "methods", incident.id], retry: false, queryFn: () => body(api.GET("/api/v1/incidents/{incident_id}/methods", { params: { path } })) });
  const works = incident.desk_state === "closed" && acts.may.has("note");
  const done = (what: () => Promise<unknown>) => act(what).finally(() => Promise.all([queries.invalidateQueries({ queryKey: ["incidents"] }), queries.invalidateQueries({ queryKey: ["methods"] })]));
  if (found.isError) return <Refused error={found.error} />;
  if (found.data === undefined || (found.data.used.length === 0 && !works)) return null;
  const { used, offered } = found.data;
  return (
    <section className="incident-card" aria-label={t("methods.at")} data-testid="methods-used">
      <h2>{t("methods.at")}</h2>
      {used.length === 0 && <p className="quiet">{t("methods.at.none")}</p>}
      {used.map((one) => (
        <div key={one.method} className="method-used">
          <Link to="/methods" search={{ id: one.method }}>
            {one.title}
          </Link>
          <span className="quiet">{[t("procedures.version", { version: one.version }), one.by].join(" · ")}</span>
          {works && (
            <Button size="small" type="text" onClick={() => setParting(one.method)}>
              {t("methods.unlink")}
            </Button>
          )}
          {one.note !== "" && <p>{one.note}</p>}
        </div>
      ))}
      {works && offered.length > 0 && (
        <Button size="small" data-testid="link-method" onClick={() => setLinking(true)}>
          {t("methods.link")}
        </Button>
      )}
      <AskReason name={`the method of incident ${incident.id}`} open={linking} title={t("methods.link")} label={t("methods.link.note")} okText={t("methods.link")} least={0} ready={which !== undefined} onClose={() => setLinking(false)} onSure={(note) => done(() => api.POST("/api/v1/incidents/{incident_id}/methods", { params: { path }, body: { method: which ?? 0, note } }))}>
        <Select value={which} className="method-pick" aria-label={t("methods.link.which")} placeholder={t("methods.link.which")} data-testid="method-pick" showSearch optionFilterProp="label" options={offered.map((one) => ({ value: one.method, label: one.title }))} onChange={setWhich} />
      </AskReason>
      <AskReason name={`parting a method from incident ${incident.id}`} open={parting !== undefined} title={t("methods.unlink")} label={t("methods.unlink.why")} okText={t("methods.unlink")} onClose={() => setParting(undefined)} onSure={(reason) => done(() => api.POST("/api/v1/incidents/{incident_id}/methods/{method_id}/removal", { params: { path: { ...path, method_id: parting ?? 0 } }, body: { reason } }))} />
    </section>
  );
}
