import { useQueryClient } from "@tanstack/react-query";
import { Input, InputNumber, Modal } from "antd";
import { useState } from "react";
import { api } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { AreaSelect } from "../../ui/AreaSelect";
import { useWords } from "../../ui/language";
import { changeOf, type Host } from "./host";

const ACCOUNT = /^[0-9A-Fa-f]{3,16}$/;
const KEY = /^([0-9A-Fa-f]{32}|[0-9A-Fa-f]{48}|[0-9A-Fa-f]{64})?$/;
const MINUTE_S = 60;
const LONGEST_MINUTES = 32 * 24 * 60;

/** A host that is entered, or one whose site and supervision are changed; account, key and area stay with it. */
export function HostForm({ host, account, onClose }: { host?: Host; account: string; onClose: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [order, setOrder] = useState({ account, key: "", site: host?.site ?? "", area: "" });
  const [minutes, setMinutes] = useState<number | null>(host?.supervision_s == null ? null : host.supervision_s / MINUTE_S);
  const whole = order.site.trim() !== "" && (host !== undefined || (ACCOUNT.test(order.account) && KEY.test(order.key)));
  const supervision_s = minutes === null ? null : Math.round(minutes * MINUTE_S);
  const send = () => {
    if (host !== undefined) return api.PUT("/api/v1/alarm-hosts/{host_id}", { params: { path: { host_id: host.id } }, body: changeOf(host, { site: order.site, supervision_s }) });
    return api.POST("/api/v1/alarm-hosts", { body: { ...order, protocol: "dc09", key: order.key || null, key_form: "hex", supervision_s, points: [] } });
  };
  const save = () =>
    void act(async () => {
      await send();
      void queries.invalidateQueries({ queryKey: ["alarm-hosts"] });
      onClose();
    });
  const line = (name: "account" | "site", most: number, first: boolean) => (
    <label className={name === "site" ? "wide" : ""}>
      <span>{t(`points.${name}`)}</span>
      <Input autoFocus={first} value={order[name]} maxLength={most} data-testid={`host-${name}`} onChange={(event) => setOrder({ ...order, [name]: event.target.value })} />
    </label>
  );
  return (
    <Modal open title={t(host === undefined ? "points.add" : "points.change")} okText={t("points.save")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: !whole, "data-testid": "save-host" }} onCancel={onClose} onOk={save} destroyOnHidden>
      <div className="point-form">
        {line("site", 128, account !== "")}
        {host === undefined && (
          <>
            {line("account", 16, account === "")}
            <label>
              <span>{t("points.area")}</span>
              <AreaSelect value={order.area || undefined} clearable label={t("rules.area.own")} testId="host-area" onChange={(area) => setOrder({ ...order, area })} />
            </label>
            <label className="wide">
              <span>{t("points.key")}</span>
              <Input.Password value={order.key} autoComplete="off" maxLength={64} status={KEY.test(order.key) ? "" : "error"} data-testid="host-key" onChange={(event) => setOrder({ ...order, key: event.target.value.trim() })} />
            </label>
          </>
        )}
        <label className="wide">
          <span>{t("points.interval.own")}</span>
          <InputNumber<number> value={minutes} min={0} max={LONGEST_MINUTES} data-testid="host-interval" onChange={setMinutes} style={{ width: "100%" }} />
        </label>
      </div>
    </Modal>
  );
}
