import { useQueryClient } from "@tanstack/react-query";
import { Input, InputNumber, Modal, Radio, Select } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { AreaSelect } from "../../ui/AreaSelect";
import { useWords } from "../../ui/language";
import { NAME, PRIORITIES } from "./names";

/** Another system that reports: alarms, or jobs. */
export function NewSource({ onClose, onMade }: { onClose: () => void; onMade: (secret: string) => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [order, setOrder] = useState({ name: "", title: "", area: "", jobs: false, most_urgent: 1, supervision_s: 0 });
  const whole = NAME.test(order.name) && order.title.trim() !== "";
  const save = () =>
    void act(async () => {
      const made = await body(api.POST("/api/v1/alarm-sources", { body: { ...order, kinds: [], title: order.title.trim() } }));
      void queries.invalidateQueries({ queryKey: ["alarm-sources"] });
      onMade(made.secret);
    });
  return (
    <Modal open title={t("links.sources.add")} okText={t("links.save")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: !whole, "data-testid": "save-source" }} onCancel={onClose} onOk={save} destroyOnHidden>
      <div className="link-form">
        <label>
          <span>{t("links.title")}</span>
          <Input autoFocus value={order.title} maxLength={64} data-testid="source-title" onChange={(event) => setOrder({ ...order, title: event.target.value })} />
        </label>
        <label>
          <span>{t("links.name")}</span>
          <Input value={order.name} maxLength={16} data-testid="source-name" onChange={(event) => setOrder({ ...order, name: event.target.value })} />
        </label>
        <div>
          <span>{t("links.reports")}</span>
          <Radio.Group
            aria-label={t("links.reports")}
            value={order.jobs}
            onChange={(event) => setOrder({ ...order, jobs: event.target.value as boolean })}
            options={[
              { value: false, label: t("links.alarms") },
              { value: true, label: t("links.jobs") },
            ]}
          />
        </div>
        <label>
          <span>{t("links.area")}</span>
          <AreaSelect value={order.area || undefined} clearable label={t("rules.area.own")} testId="source-area" onChange={(area) => setOrder({ ...order, area })} />
        </label>
        <label>
          <span>{t("links.supervision")}</span>
          <InputNumber<number> value={order.supervision_s} min={0} max={604800} precision={0} data-testid="source-supervision" onChange={(value) => setOrder({ ...order, supervision_s: value ?? 0 })} />
        </label>
        <label>
          <span>{t("links.mostUrgent")}</span>
          <Select<number> value={order.most_urgent} onChange={(most_urgent) => setOrder({ ...order, most_urgent })} options={PRIORITIES.map((value) => ({ value, label: t(`priority.${value}`) }))} />
        </label>
      </div>
    </Modal>
  );
}
