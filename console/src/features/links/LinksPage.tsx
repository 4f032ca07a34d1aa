import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Modal, Popconfirm, Switch, Typography } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { useTime } from "../../ui/time";
import { NewLink } from "./NewLink";
import { NewSource } from "./NewSource";
import { Outputs } from "./Outputs";
import { PanicLinks } from "./PanicLinks";
import { State } from "./State";
import { linkState, sourceState } from "./states";
import "./links.css";

type Source = Schemas["AlarmSourceShape"];
type Link = Schemas["DispatchLinkShape"];
const EVERY_MS = 10_000;

/** Systems that report to this node, and those that it tells: whether it goes, and why not. */
export function LinksPage() {
  const { t } = useWords();
  const [adding, setAdding] = useState<"source" | "link">();
  const [secret, setSecret] = useState<string>();
  const sources = useQuery({ queryKey: ["alarm-sources"], retry: false, refetchInterval: EVERY_MS, queryFn: () => body(api.GET("/api/v1/alarm-sources")) });
  const links = useQuery({ queryKey: ["dispatch-links"], retry: false, refetchInterval: EVERY_MS, queryFn: () => body(api.GET("/api/v1/dispatch-links")) });
  if (sources.data === undefined || links.data === undefined) {
    const error = sources.error ?? links.error;
    return error ? <Refused error={error} /> : <div className="hint">{t("loading")}</div>;
  }
  const made = (told: string) => {
    setAdding(undefined);
    setSecret(told);
  };
  return (
    <div className="padded">
      <section className="card" aria-labelledby="sources-title">
        <div className="page-head links-top">
          <h2 id="sources-title">{t("links.sources")}</h2>
          <Button type="primary" data-testid="add-source" onClick={() => setAdding("source")}>
            {t("links.sources.add")}
          </Button>
        </div>
        {sources.data.items.length === 0 && <p className="quiet">{t("links.sources.none")}</p>}
        <ul className="links" data-testid="sources">
          {sources.data.items.map((one) => (
            <SourceRow key={one.id} source={one} onSecret={setSecret} />
          ))}
        </ul>
      </section>
      <section className="card" aria-labelledby="links-title">
        <div className="page-head links-top">
          <h2 id="links-title">{t("links.out")}</h2>
          <Button type="primary" data-testid="add-link" onClick={() => setAdding("link")}>
            {t("links.out.add")}
          </Button>
        </div>
        {links.data.items.length === 0 && <p className="quiet">{t("links.out.none")}</p>}
        <ul className="links" data-testid="links">
          {links.data.items.map((one) => (
            <LinkRow key={one.id} link={one} />
          ))}
        </ul>
      </section>
      <PanicLinks />
      <Outputs />
      {adding === "source" && <NewSource onClose={() => setAdding(undefined)} onMade={made} />}
      {adding === "link" && <NewLink onClose={() => setAdding(undefined)} onMade={made} />}
      <Modal open={secret !== undefined} title={t("links.secret")} okText={t("user.first.noted")} onOk={() => setSecret(undefined)} onCancel={() => setSecret(undefined)} cancelButtonProps={{ style: { display: "none" } }} mask={{ closable: false }}>
        <p className="hint">{t("links.secret.once")}</p>
        <Typography.Text copyable code data-testid="secret">
          {secret ?? ""}
        </Typography.Text>
      </Modal>
    </div>
  );
}

function SourceRow({ source, onSecret }: { source: Source; onSecret: (secret: string) => void }) {
  const { t } = useWords();
  const time = useTime();
  const queries = useQueryClient();
  const { busy, act } = useAct();
  const params = { path: { source_id: source.id } };
  const stale = () => queries.invalidateQueries({ queryKey: ["alarm-sources"] });
  const renew = () => act(() => body(api.POST("/api/v1/alarm-sources/{source_id}/secret", { params })).then((told) => onSecret(told.secret)));
  const remove = () => act(() => api.DELETE("/api/v1/alarm-sources/{source_id}", { params }).then(stale));
  return (
    <li data-testid={`source-${source.name}`}>
      <div className="link-head">
        <State of={sourceState(source)} />
        <b>{source.title}</b>
        <code>{source.name}</code>
        <span className="quiet">{source.area_name}</span>
        <span className="grow" />
        <Popconfirm title={t("links.renew.sure")} okText={t("links.renew")} cancelText={t("cancel")} onConfirm={renew}>
          <Button size="small" loading={busy} disabled={source.distrusted}>
            {t("links.renew")}
          </Button>
        </Popconfirm>
        <Popconfirm title={t("links.sources.remove.sure")} okText={t("links.remove")} cancelText={t("cancel")} onConfirm={remove}>
          <Button size="small" data-testid={`remove-source-${source.name}`}>
            {t("links.remove")}
          </Button>
        </Popconfirm>
      </div>
      <p className="quiet">
        {[
          source.jobs ? t("links.jobs") : source.kinds.map((one) => t(`alarm.category.${one}`)).join("、") || t("rules.any.kind"),
          source.heard_at ? t("links.heard", { at: time(source.heard_at) }) : t("links.heard.never"),
          t("links.counts", { taken: source.taken, repeated: source.repeated, refused: source.refused, unproven: source.unproven }),
        ].join(" · ")}
      </p>
      {source.fault !== "" && source.fault_at && <p className="status-fault">{t("links.fault", { at: time(source.fault_at), why: source.fault })}</p>}
    </li>
  );
}

function LinkRow({ link }: { link: Link }) {
  const { t } = useWords();
  const time = useTime();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const { busy, act } = useAct();
  const params = { path: { link_id: link.id } };
  const stale = () => queries.invalidateQueries({ queryKey: ["dispatch-links"] });
  const turn = (on: boolean) => act(() => api.PUT("/api/v1/dispatch-links/{link_id}/state", { params, body: { on } }).then(stale));
  const remove = () => act(() => api.DELETE("/api/v1/dispatch-links/{link_id}", { params }).then(stale));
  const settle = (what: "send" | "leave-out") => act(() => api.POST("/api/v1/dispatch-links/{link_id}/set-aside", { params, body: { do: what } }).then(stale));
  const attempt = async () => {
    if (await act(() => api.POST("/api/v1/dispatch-links/{link_id}/attempts", { params }))) void message.success(t("links.tried"));
    void stale();
  };
  return (
    <li data-testid={`link-${link.name}`} className={link.on ? "" : "off"}>
      <div className="link-head">
        <Switch size="small" checked={link.on} loading={busy} aria-label={t("links.on.of", { name: link.title })} data-testid={`on-${link.name}`} onChange={(on) => void turn(on)} />
        <State of={linkState(link)} />
        <b>{link.title}</b>
        <code>{link.name}</code>
        <span className="quiet">{link.area_name}</span>
        <span className="grow" />
        <Button size="small" loading={busy} disabled={link.distrusted} data-testid={`try-${link.name}`} onClick={() => void attempt()}>
          {t("links.try")}
        </Button>
        <Popconfirm title={t("links.out.remove.sure", { count: link.waiting })} okText={t("links.remove")} cancelText={t("cancel")} onConfirm={remove}>
          <Button size="small" data-testid={`remove-link-${link.name}`}>
            {t("links.remove")}
          </Button>
        </Popconfirm>
      </div>
      <p className="quiet">
        {[
          link.url,
          link.news.map((one) => t(`links.news.${one}`)).join("、"),
          ...(link.news.includes("forwarded") ? [] : [t("links.urgency", { priority: link.least_urgent })]),
          link.sent_at ? t("links.sent", { count: link.sent, at: time(link.sent_at) }) : t("links.sent.never"),
          t("links.waiting", { count: link.waiting }),
        ].join(" · ")}
      </p>
      {link.failures > 0 && link.failed_since && <p className="status-fault">{t("links.failed", { count: link.failures, at: time(link.failed_since), why: link.fault })}</p>}
      {link.set_aside > 0 && link.set_aside_since && (
        <p className="status-fault link-aside" data-testid={`aside-${link.name}`}>
          {t("links.aside", { count: link.set_aside, at: time(link.set_aside_since), why: link.set_aside_why })}
          <Button size="small" loading={busy} data-testid={`send-aside-${link.name}`} onClick={() => void settle("send")}>
            {t("links.aside.send")}
          </Button>
          <Popconfirm title={t("links.aside.leaveOut.sure", { count: link.set_aside })} okText={t("links.aside.leaveOut")} cancelText={t("cancel")} onConfirm={() => settle("leave-out")}>
            <Button size="small" data-testid={`leave-out-${link.name}`}>
              {t("links.aside.leaveOut")}
            </Button>
          </Popconfirm>
        </p>
      )}
    </li>
  );
}
