import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Button, Popconfirm } from "antd";
import { api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { SiteBadge } from "../../ui/SiteBadge";
import { SiteContacts } from "../../ui/SiteContacts";
import { useTime } from "../../ui/time";
import type { Site } from "./form";
import { Plans } from "./Plans";
import { SiteEditor } from "./SiteEditor";

/** One protected place, with all that alarms of its hosts show. */
export function ChosenSite({ id }: { id: number }) {
  const { t } = useWords();
  const found = useQuery({ queryKey: ["alarm-sites", "one", id], retry: false, queryFn: () => body(api.GET("/api/v1/alarm-sites/{site_id}", { params: { path: { site_id: id } } })) });
  if (found.data === undefined) return <section className="card">{found.isError ? <Refused error={found.error} /> : t("loading")}</section>;
  const site = found.data;
  const place = site.longitude === null || site.latitude === null ? "" : `${site.longitude.toFixed(6)}, ${site.latitude.toFixed(6)}`;
  return (
    <section className="card site" data-testid="chosen-site">
      <Head site={site} />
      <dl className="facts">
        {([["sites.address", site.address], ["sites.area", site.area_name], ["sites.position", place], ["sites.hosts", site.hosts.join(" · ") || t("sites.hosts.none")], ["sites.procedure", site.procedure === null ? "" : site.procedure_name || t("sites.procedure.gone")]] as const).map(([name, said]) => said !== "" && (
          <div key={name}>
            <dt>{t(name)}</dt>
            <dd>{said}</dd>
          </div>
        ))}
      </dl>
      <h3 className="next">{t("sites.contacts")}</h3>
      <SiteContacts contacts={site.contacts} />
      {([["sites.note", site.note], ["sites.plan", site.plan]] as const).map(([title, text]) => text !== "" && (
        <div key={title}>
          <h3 className="next">{t(title)}</h3>
          <p className="site-text">{text}</p>
        </div>
      ))}
      {!site.distrusted && <Plans site={site} />}
    </section>
  );
}

function Head({ site }: { site: Site }) {
  const { t } = useWords();
  const time = useTime();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { busy, act } = useAct();
  const [editing, setEditing] = useKept(`site ${site.id} is changed`, false);
  const remove = () =>
    act(async () => {
      await api.DELETE("/api/v1/alarm-sites/{site_id}", { params: { path: { site_id: site.id } } });
      void navigate({ to: "/alarm-sites", search: {} });
      void queries.invalidateQueries({ queryKey: ["alarm-sites", "list"] });
    });
  return (
    <>
      <header className="site-head">
        <SiteBadge kind={site.kind} />
        <h2>{site.name}</h2>
        <span className="grow" />
        {!site.distrusted && (
          <Button size="small" data-testid="change-site" onClick={() => setEditing(true)}>
            {t("sites.change")}
          </Button>
        )}
        <Popconfirm title={t("sites.remove.sure", { name: site.name })} okText={t("sites.remove")} cancelText={t("cancel")} okButtonProps={{ "data-testid": "sure" }} onConfirm={remove}>
          <Button size="small" loading={busy} data-testid="remove-site">
            {t("sites.remove")}
          </Button>
        </Popconfirm>
      </header>
      <p className="quiet">{t("sites.version", { version: site.version, name: site.changed_by, at: time(site.changed_at) })}</p>
      {site.distrusted && <p className="status-fault">{t("sites.distrusted")}</p>}
      {editing && <SiteEditor site={site} onClose={() => setEditing(false)} />}
    </>
  );
}
