import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Input, Select } from "antd";
import { useDeferredValue, useState } from "react";
import { api, body } from "../../api-client/client";
import { useIncidentLists, useIncidentWords } from "../../ui/incident-words";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { useMay } from "../../ui/signed-in";
import { STATES, type Entry, type Kind, type State } from "./form";
import { ChosenMethod } from "./ChosenMethod";
import { MethodEditor } from "./MethodEditor";
import "./methods.css";

/** What works at which kind of incident: searched by kind and words on the left, read on the right. */
export function MethodsPage({ id }: { id: number | undefined }) {
  const { t } = useWords();
  const writes = useMay()("write-methods");
  const words = useIncidentWords();
  const { types } = useIncidentLists();
  const [said, setSaid] = useState("");
  const [kind, setKind] = useState<Kind>();
  const [state, setState] = useState<State | undefined>("published");
  const [adding, setAdding] = useKept("a method is added", false);
  const asked = useDeferredValue(said.trim().slice(0, 100));
  const query = { words: asked, ...(kind !== undefined && { kind }), ...(state !== undefined && { state }) };
  const found = useQuery({ queryKey: ["methods", "list", query], retry: false, placeholderData: (before) => before, queryFn: () => body(api.GET("/api/v1/methods", { params: { query } })) });
  const all = asked === "" && kind === undefined && state === undefined;
  return (
    <div className="padded">
      <div className="page-head">
        <p className="hint">{t("methods.help")}</p>
        <Link to="/procedures" className="page-link">
          {t("methods.back")}
        </Link>
        {writes && (
          <Button type="primary" data-testid="add-method" onClick={() => setAdding(true)}>
            {t("methods.add")}
          </Button>
        )}
      </div>
      <div className="methods">
        <section className="card">
          <div className="methods-find">
            <Input allowClear value={said} maxLength={100} aria-label={t("methods.search")} placeholder={t("methods.search")} data-testid="method-words" onChange={(event) => setSaid(event.target.value)} />
            <Select allowClear value={kind} aria-label={t("methods.kinds")} placeholder={t("methods.kind.any")} data-testid="method-kind" options={types.map(({ code }) => ({ value: code as Kind, label: words("types", code) }))} onChange={setKind} />
            <Select allowClear value={state} aria-label={t("methods.state.any")} placeholder={t("methods.state.any")} data-testid="method-state" options={STATES.filter((one) => writes || one !== "draft").map((one) => ({ value: one, label: t(`methods.state.${one}`) }))} onChange={setState} />
          </div>
          {found.isError && <Refused error={found.error} />}
          {found.data?.items.length === 0 && <p className="quiet">{t(all ? "methods.none" : "methods.none.fit")}</p>}
          <ul className="methods-list" data-testid="methods">
            {found.data?.items.map((one) => (
              <li key={one.id}>
                <MethodLine method={one} chosen={one.id === id} />
              </li>
            ))}
          </ul>
        </section>
        {id === undefined ? <section className="card hint">{t("methods.choose")}</section> : <ChosenMethod key={id} id={id} />}
      </div>
      {adding && <MethodEditor method={undefined} onClose={() => setAdding(false)} />}
    </div>
  );
}

function MethodLine({ method, chosen }: { method: Entry; chosen: boolean }) {
  const { t } = useWords();
  const words = useIncidentWords();
  return (
    <Link to="/methods" search={{ id: method.id }} className={chosen ? "method-line chosen" : "method-line"} aria-current={chosen || undefined} data-testid={`method-${method.id}`}>
      <b>{method.title}</b>
      {method.state !== "published" && <i>{t(`methods.state.${method.state}`)}</i>}
      <span className="quiet">{[...method.kinds.map((one) => words("types", one)), method.area_name].join(" · ")}</span>
      <span className="quiet served">{t("methods.served", { count: method.served })}</span>
    </Link>
  );
}
