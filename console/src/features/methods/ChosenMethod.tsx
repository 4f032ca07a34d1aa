import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useIncidentWords } from "../../ui/incident-words";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { useTime } from "../../ui/time";
import { orderOf, type Method, type State, type Version } from "./form";
import { MethodEditor } from "./MethodEditor";
import { Served } from "./Served";

/** One method: what it says, what it said before, and the incidents that it served. */
export function ChosenMethod({ id }: { id: number }) {
  const { t } = useWords();
  const found = useQuery({ queryKey: ["methods", "one", id], retry: false, queryFn: () => body(api.GET("/api/v1/methods/{method_id}", { params: { path: { method_id: id } } })) });
  if (found.data === undefined) return <section className="card">{found.isError ? <Refused error={found.error} /> : t("loading")}</section>;
  return (
    <section className="card method" data-testid="chosen-method" data-state={found.data.state}>
      <Head method={found.data} />
      <Said said={found.data} />
      <Served method={found.data} />
      <Earlier id={id} version={found.data.version} />
    </section>
  );
}

function Head({ method }: { method: Method }) {
  const { t } = useWords();
  const time = useTime();
  const queries = useQueryClient();
  const { busy, act } = useAct();
  const [editing, setEditing] = useKept(`method ${method.id} is changed`, false);
  const into = (state: State) => act(() => api.PUT("/api/v1/methods/{method_id}", { params: { path: { method_id: method.id } }, body: { ...orderOf(method), state, version: method.version } }).then(() => queries.invalidateQueries({ queryKey: ["methods"] })));
  const next = method.state === "published" ? "withdraw" : "publish";
  return (
    <>
      <header className="method-head">
        <h2>{method.title}</h2>
        <i data-testid="method-stands">{t(`methods.state.${method.state}`)}</i>
        <span className="grow" />
        {method.editable && (
          <>
            <Button size="small" data-testid="change-method" onClick={() => setEditing(true)}>
              {t("methods.change")}
            </Button>
            <Popconfirm title={t(`methods.${next}.sure`)} okText={t(`methods.${next}`)} cancelText={t("cancel")} okButtonProps={{ "data-testid": "sure" }} onConfirm={() => into(next === "publish" ? "published" : "withdrawn")}>
              <Button size="small" loading={busy} data-testid={`${next}-method`}>
                {t(`methods.${next}`)}
              </Button>
            </Popconfirm>
          </>
        )}
      </header>
      <p className="quiet">{[method.area_name, t("methods.version", { version: method.version, name: method.changed_by, at: time(method.changed_at) })].join(" · ")}</p>
      {editing && <MethodEditor method={method} onClose={() => setEditing(false)} />}
    </>
  );
}

function Said({ said }: { said: Pick<Version, "kinds" | "tags" | "steps" | "places" | "cameras"> }) {
  const { t } = useWords();
  const words = useIncidentWords();
  const parts = [["methods.steps", said.steps], ["methods.places", said.places], ["methods.cameras", said.cameras]] as const;
  return (
    <>
      <p className="method-marks">
        {said.kinds.map((one) => (
          <b key={one}>{words("types", one)}</b>
        ))}
        {said.tags.map((one) => (
          <span key={one}>{one}</span>
        ))}
      </p>
      {parts.map(([title, text]) => text !== "" && (
        <div key={title} className="method-part">
          <h3>{t(title)}</h3>
          <p>{text}</p>
        </div>
      ))}
    </>
  );
}

/** What it said before. */
function Earlier({ id, version }: { id: number; version: number }) {
  const { t } = useWords();
  const time = useTime();
  const [open, setOpen] = useState<number>();
  const found = useQuery({ queryKey: ["methods", "one", id, "versions", version], enabled: version > 1, retry: false, queryFn: () => body(api.GET("/api/v1/methods/{method_id}/versions", { params: { path: { method_id: id } } })) });
  const earlier = (found.data?.items ?? []).filter((one) => one.version !== version);
  if (found.isError) return <Refused error={found.error} />;
  if (earlier.length === 0) return null;
  return (
    <div className="method-part" data-testid="method-versions">
      <h3>{t("methods.versions")}</h3>
      <ul className="method-versions">
        {earlier.map((one) => (
          <li key={one.version}>
            <Button size="small" type="text" aria-expanded={open === one.version} onClick={() => setOpen(open === one.version ? undefined : one.version)}>
              {[t("methods.version", { version: one.version, name: one.changed_by, at: time(one.changed_at) }), t(`methods.state.${one.state}`)].join(" · ")}
            </Button>
            {open === one.version && (
              <div className="method-then">
                <b>{one.title}</b>
                <Said said={one} />
              </div>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
