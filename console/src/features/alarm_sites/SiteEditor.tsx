import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Button, Input, InputNumber, Modal, Select } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { AreaSelect } from "../../ui/AreaSelect";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { PlacePick } from "../../ui/map/PlacePick";
import { SITE_KINDS } from "../../ui/site-kinds";
import { ContactLines } from "./ContactLines";
import { ProcedurePick } from "./ProcedurePick";
import { EMPTY, isWhole, orderOf, sent, type Order, type Site } from "./form";

const TEXTS = [["note", 3, 1000], ["plan", 6, 4000]] as const;
const DEGREES = [["longitude", 180], ["latitude", 90]] as const;

/** A protected place as it is entered. `site`: none for a new one. */
export function SiteEditor({ site, onClose }: { site: Site | undefined; onClose: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const [mapped, setMapped] = useState(false);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [order, setOrder] = useKept<Order>(`site ${site?.id ?? 0} version ${site?.version ?? 0}`, site === undefined ? EMPTY : orderOf(site));
  const save = () =>
    void act(async () => {
      const made = site === undefined ? await body(api.POST("/api/v1/alarm-sites", { body: sent(order) })) : await body(api.PUT("/api/v1/alarm-sites/{site_id}", { params: { path: { site_id: site.id } }, body: { ...sent(order), version: site.version } }));
      void queries.invalidateQueries({ queryKey: ["alarm-sites"] });
      setOrder(EMPTY);
      onClose();
      if (site === undefined) void navigate({ to: "/alarm-sites", search: { id: made.id } });
    });
  return (
    <Modal open width={860} title={site === undefined ? t("sites.add") : t("sites.title.change", { version: site.version })} okText={t("sites.save")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: !isWhole(order), "data-testid": "save-site" }} onCancel={onClose} onOk={save} destroyOnHidden>
      <div className="site-form">
        <label>
          <span>{t("sites.name")}</span>
          <Input autoFocus value={order.name} maxLength={64} data-testid="site-name" onChange={(event) => setOrder({ ...order, name: event.target.value })} />
        </label>
        <label>
          <span>{t("sites.kind")}</span>
          <Select value={order.kind} data-testid="site-kind" options={SITE_KINDS.map((kind) => ({ value: kind, label: t(`sites.kind.${kind}`) }))} onChange={(kind) => setOrder({ ...order, kind })} />
        </label>
        <label>
          <span>{t("sites.address")}</span>
          <Input value={order.address} maxLength={128} data-testid="site-address" onChange={(event) => setOrder({ ...order, address: event.target.value })} />
        </label>
        <label>
          <span>{t("sites.area")}</span>
          <AreaSelect value={order.area || undefined} clearable label={t("sites.area.own")} testId="site-area" onChange={(area) => setOrder({ ...order, area })} />
        </label>
        {DEGREES.map(([name, most]) => (
          <label key={name}>
            <span>{t(`sites.${name}`)}</span>
            <InputNumber<number> value={order[name]} min={-most} max={most} step={0.0001} data-testid={`site-${name}`} style={{ width: "100%" }} onChange={(value) => setOrder({ ...order, [name]: value })} />
          </label>
        ))}
        <div className="wide">
          <Button size="small" aria-expanded={mapped} data-testid="site-on-map" onClick={() => setMapped(!mapped)}>
            {t(mapped ? "place.pick.close" : "place.pick.open")}
          </Button>
          {mapped && <PlacePick at={order.longitude === null || order.latitude === null ? undefined : [order.longitude, order.latitude]} onPick={([longitude, latitude]) => setOrder({ ...order, longitude, latitude })} />}
        </div>
        <label className="wide">
          <span>{t("sites.procedure")}</span>
          <ProcedurePick value={order.procedure} named={site?.procedure_name ?? ""} onChange={(procedure) => setOrder({ ...order, procedure })} />
        </label>
        <label className="wide">
          <span>{t("sites.hosts")}</span>
          <Select mode="tags" value={order.hosts} open={false} suffixIcon={null} tokenSeparators={[" ", ","]} data-testid="site-hosts" onChange={(hosts) => setOrder({ ...order, hosts })} />
        </label>
        <ContactLines contacts={order.contacts} onChange={(contacts) => setOrder({ ...order, contacts })} />
        {TEXTS.map(([name, rows, most]) => (
          <label key={name} className="wide">
            <span>{t(`sites.${name}`)}</span>
            <Input.TextArea rows={rows} maxLength={most} value={order[name]} data-testid={`site-${name}`} onChange={(event) => setOrder({ ...order, [name]: event.target.value })} />
          </label>
        ))}
      </div>
    </Modal>
  );
}
