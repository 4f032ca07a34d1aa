import { useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { useRef, useState } from "react";
import { api } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import { SitePlan } from "../../ui/SitePlan";
import type { Site } from "./form";
import { addressOf, PlanEditor } from "./PlanEditor";

const TAKEN = "image/jpeg,image/png,image/webp";
const MOST_PLANS = 10;

/** Floor plans of a place, with where its points stand. */
export function Plans({ site }: { site: Site }) {
  const { t } = useWords();
  const queries = useQueryClient();
  const { busy, act } = useAct();
  const file = useRef<HTMLInputElement>(null);
  const [editing, setEditing] = useState<string>();
  const stale = () => queries.invalidateQueries({ queryKey: ["alarm-sites"] });
  const add = (picture: File) => {
    const name = picture.name.replace(/\.[^.]*$/, "").slice(0, 128);
    void act(() => api.POST("/api/v1/alarm-sites/{site_id}/plans", { params: { path: { site_id: site.id }, query: { version: site.version, name } }, body: picture as unknown as string, bodySerializer: (sent: unknown) => sent as Blob, headers: { "content-type": "application/octet-stream" } }).then(stale));
  };
  const edited = site.plans.find(({ picture }) => picture === editing);
  return (
    <section data-testid="site-plans">
      <header className="site-head plans-head">
        <h3>{t("sites.plans")}</h3>
        <span className="grow" />
        <input
          ref={file}
          type="file"
          hidden
          accept={TAKEN}
          data-testid="plan-file"
          onChange={(event) => {
            const [picture] = event.target.files ?? [];
            event.target.value = "";
            if (picture !== undefined) add(picture);
          }}
        />
        <Button size="small" loading={busy} disabled={site.plans.length >= MOST_PLANS} data-testid="add-plan-picture" onClick={() => file.current?.click()}>
          {t("sites.plan.add")}
        </Button>
      </header>
      {site.plans.length === 0 && <p className="quiet">{t("sites.plans.none")}</p>}
      {site.plans.map((plan, at) => (
        <figure key={plan.picture} className="site-plan-kept">
          <figcaption className="site-head">
            <b>{plan.name || t("sites.plan.number", { number: at + 1 })}</b>
            <span className="quiet">{t("sites.plan.marks", { count: plan.marks.length })}</span>
            <span className="grow" />
            <Button size="small" data-testid={`change-plan-${at}`} onClick={() => setEditing(plan.picture)}>
              {t("sites.plan.change")}
            </Button>
            <Popconfirm title={t("sites.plan.remove.sure")} okText={t("sites.remove")} cancelText={t("cancel")} onConfirm={() => act(() => api.DELETE("/api/v1/alarm-sites/{site_id}/plans/{photo}", { params: { path: { site_id: site.id, photo: plan.picture }, query: { version: site.version } } }).then(stale))}>
              <Button size="small" data-testid={`remove-plan-${at}`}>
                {t("sites.remove")}
              </Button>
            </Popconfirm>
          </figcaption>
          <SitePlan plan={plan} address={addressOf(site, plan)} />
        </figure>
      ))}
      {edited !== undefined && <PlanEditor key={`${edited.picture} ${site.version}`} site={site} plan={edited} onClose={() => setEditing(undefined)} />}
    </section>
  );
}
