import { useQueryClient } from "@tanstack/react-query";
import { Input, InputNumber, Modal } from "antd";
import { api } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { AreaSelect } from "../../ui/AreaSelect";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { EMPTY, isWhole, orderOf, type Order, type Rule } from "./form";
import { ThenFields } from "./ThenFields";
import { Trial } from "./Trial";
import { WhenFields } from "./WhenFields";

/** A rule: when it meets an alarm, what is done then, and what it would have done in the last days. `rule`: none for a new one. */
export function RuleEditor({ rule, onClose }: { rule: Rule | undefined; onClose: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [order, setOrder] = useKept<Order>(`alarm rule ${rule?.id ?? 0} version ${rule?.version ?? 0}`, rule === undefined ? EMPTY : orderOf(rule));
  const asked = { ...order, name: order.name.trim() };
  const save = () =>
    void act(async () => {
      if (rule === undefined) await api.POST("/api/v1/alarm-rules", { body: asked });
      else await api.PUT("/api/v1/alarm-rules/{rule_id}", { params: { path: { rule_id: rule.id } }, body: { ...asked, version: rule.version } });
      void queries.invalidateQueries({ queryKey: ["alarm-rules"] });
      setOrder(EMPTY);
      onClose();
    });
  return (
    <Modal open width={880} title={rule === undefined ? t("rules.add") : t("rules.title.change", { version: rule.version })} okText={t("rules.save")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: !isWhole(order), "data-testid": "save-rule" }} onCancel={onClose} onOk={save} destroyOnHidden>
      <div className="alarm-rule-form">
        <label>
          <span>{t("rules.name")}</span>
          <Input autoFocus value={order.name} maxLength={64} data-testid="rule-name" onChange={(event) => setOrder({ ...order, name: event.target.value })} />
        </label>
        <label>
          <span>{t("rules.area")}</span>
          <AreaSelect value={order.area || undefined} clearable label={t("rules.area.own")} testId="rule-area" onChange={(area) => setOrder({ ...order, area })} />
        </label>
        <label>
          <span>{t("rules.position")}</span>
          <InputNumber min={0} max={9999} precision={0} value={order.position ?? 100} onChange={(value) => setOrder({ ...order, position: value ?? 100 })} />
        </label>
      </div>
      <h3>{t("rules.when")}</h3>
      <WhenFields when={order.when} onChange={(when) => setOrder({ ...order, when })} />
      <h3>{t("rules.then")}</h3>
      <ThenFields order={order} onChange={setOrder} />
      <h3>{t("rules.trial")}</h3>
      <Trial order={asked} whole={isWhole(order)} />
    </Modal>
  );
}
