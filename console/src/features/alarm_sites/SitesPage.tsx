import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Input, Select } from "antd";
import { useDeferredValue, useState } from "react";
import { api, body } from "../../api-client/client";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { SITE_KINDS, type SiteKind } from "../../ui/site-kinds";
import { SiteBadge } from "../../ui/SiteBadge";
import { ChosenSite } from "./ChosenSite";
import type { Entry } from "./form";
import { SiteEditor } from "./SiteEditor";
import "./sites.css";

const PAGE = 100;
const MOST = 500;

/** Protected places: found by class and words on the left, kept on the right. */
export function SitesPage({ id }: { id: number | undefined }) {
  const { t } = useWords();
  const [said, setSaid] = useState("");
  const [kind, setKind] = useState<SiteKind>();
  const [limit, setLimit] = useState(PAGE);
  const [adding, setAdding] = useKept("a site is added", false);
  const words = useDeferredValue(said.trim().slice(0, 100));
  const query = { words, limit, ...(kind !== undefined && { kind }) };
  const found = useQuery({ queryKey: ["alarm-sites", "list", query], retry: false, placeholderData: (before) => before, queryFn: () => body(api.GET("/api/v1/alarm-sites", { params: { query } })) });
  const { items = [], total = 0 } = found.data ?? {};
  return (
    <div className="padded">
      <div className="page-head">
        <p className="hint">{t("sites.help")}</p>
        <Button type="primary" data-testid="add-site" onClick={() => setAdding(true)}>
          {t("sites.add")}
        </Button>
      </div>
      <div className="sites">
        <section className="card">
          <div className="sites-find">
            <Input allowClear value={said} maxLength={100} aria-label={t("sites.search")} placeholder={t("sites.search")} data-testid="site-words" onChange={(event) => setSaid(event.target.value)} />
            <Select allowClear value={kind} aria-label={t("sites.kind")} placeholder={t("sites.kind.any")} data-testid="site-kinds" options={SITE_KINDS.map((one) => ({ value: one, label: t(`sites.kind.${one}`) }))} onChange={setKind} />
          </div>
          {found.isError && <Refused error={found.error} />}
          {found.isSuccess && items.length === 0 && <p className="quiet">{t(words === "" && kind === undefined ? "sites.none" : "sites.none.fit")}</p>}
          <ul className="sites-list" data-testid="sites">
            {items.map((one) => (
              <li key={one.id}>
                <SiteLine site={one} chosen={one.id === id} />
              </li>
            ))}
          </ul>
          {total > items.length && items.length > 0 && limit < MOST && <Button onClick={() => setLimit(MOST)}>{t("sites.more", { total })}</Button>}
        </section>
        {id === undefined ? <section className="card hint">{t("sites.choose")}</section> : <ChosenSite key={id} id={id} />}
      </div>
      {adding && <SiteEditor site={undefined} onClose={() => setAdding(false)} />}
    </div>
  );
}

function SiteLine({ site, chosen }: { site: Entry; chosen: boolean }) {
  const { t } = useWords();
  return (
    <Link to="/alarm-sites" search={{ id: site.id }} className={chosen ? "site-line chosen" : "site-line"} aria-current={chosen || undefined} data-testid={`site-${site.id}`}>
      <b>{site.name}</b>
      <SiteBadge kind={site.kind} />
      <span className="quiet">{[site.area_name, site.address, site.hosts.length === 0 ? t("sites.hosts.none") : site.hosts.join(" ")].filter((one) => one !== "").join(" · ")}</span>
      {site.distrusted && <span className="status-fault">{t("sites.distrusted")}</span>}
    </Link>
  );
}
