import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Input, Modal, Select } from "antd";
import { api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { AreaSelect } from "../../ui/AreaSelect";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { EMPTY, isWhole, orderOf, withoutStep, withStep, type Order, type Procedure } from "./form";
import { StepFields } from "./StepFields";
import { StepTree } from "./StepTree";

const KINDS = ["panic", "intrusion", "fire", "gas", "medical", "tamper", "motion", "object", "movement", "crowd", "call", "technical", "power", "communication", "fault", "fire_supervisory", "access", "open_close", "late_to_close", "early_to_open", "supervision"] as const;

/** A procedure: for what it is proposed, its steps, and their picture. `procedure`: none for a new one. */
export function ProcedureEditor({ procedure, onClose }: { procedure: Procedure | undefined; onClose: () => void }) {
  const { t, pick } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [order, setOrder] = useKept<Order>(`procedure ${procedure?.id ?? 0} version ${procedure?.version ?? 0}`, procedure === undefined ? EMPTY : orderOf(procedure));
  const lists = useQuery({ queryKey: ["incident-lists"], staleTime: Infinity, queryFn: () => body(api.GET("/api/v1/incident-lists")) });
  const offer = order.offer ?? {};
  const save = () =>
    void act(async () => {
      if (procedure === undefined) await api.POST("/api/v1/procedures", { body: order });
      else await api.PUT("/api/v1/procedures/{procedure_id}", { params: { path: { procedure_id: procedure.id } }, body: { ...order, version: procedure.version } });
      void queries.invalidateQueries({ queryKey: ["procedures"] });
      setOrder(EMPTY);
      onClose();
    });
  return (
    <Modal open width={1180} title={procedure === undefined ? t("procedures.add") : t("procedures.title.change", { version: procedure.version })} okText={t("rules.save")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: !isWhole(order), "data-testid": "save-procedure" }} onCancel={onClose} onOk={save} destroyOnHidden>
      <div className="procedure-form">
        <label>
          <span>{t("rules.name")}</span>
          <Input autoFocus value={order.name} maxLength={64} data-testid="procedure-name" onChange={(event) => setOrder({ ...order, name: event.target.value })} />
        </label>
        <label>
          <span>{t("rules.area")}</span>
          <AreaSelect value={order.area || undefined} clearable label={t("rules.area.own")} testId="procedure-area" onChange={(area) => setOrder({ ...order, area })} />
        </label>
        <label>
          <span>{t("procedures.offer.alarms")}</span>
          <Select mode="multiple" value={offer.alarms ?? []} data-testid="offer-alarms" options={KINDS.map((one) => ({ value: one, label: t(`alarm.category.${one}`) }))} onChange={(alarms) => setOrder({ ...order, offer: { ...offer, alarms } })} />
        </label>
        <label>
          <span>{t("procedures.offer.incidents")}</span>
          <Select mode="multiple" value={offer.incidents ?? []} data-testid="offer-incidents" options={(lists.data?.types ?? []).map((one) => ({ value: one.code as NonNullable<typeof offer.incidents>[number], label: pick(one.zh, one.en) }))} onChange={(incidents) => setOrder({ ...order, offer: { ...offer, incidents } })} />
        </label>
        <label>
          <span>{t("procedures.offer.places")}</span>
          <Select mode="tags" value={offer.places ?? []} placeholder={t("rules.any")} open={false} suffixIcon={null} data-testid="offer-places" onChange={(places) => setOrder({ ...order, offer: { ...offer, places } })} />
        </label>
        <Checkbox checked={order.mandatory ?? false} data-testid="procedure-mandatory" onChange={(event) => setOrder({ ...order, mandatory: event.target.checked })}>
          {t("procedures.mandatory.help")}
        </Checkbox>
      </div>
      <div className="procedure-both">
        <section>
          <h3>{t("procedures.steps")}</h3>
          <ol className="procedure-steps">
            {order.steps.map((one, at) => (
              <StepFields key={one.id} step={one} at={at} steps={order.steps} onChange={(step) => setOrder({ ...order, steps: order.steps.map((other) => (other.id === one.id ? step : other)) })} onRemove={order.steps.length > 1 ? () => setOrder({ ...order, steps: withoutStep(order.steps, one.id) }) : undefined} />
            ))}
          </ol>
          <Button disabled={order.steps.length >= 40} data-testid="add-step" onClick={() => setOrder({ ...order, steps: withStep(order.steps) })}>
            {t("procedures.step.add")}
          </Button>
        </section>
        <section>
          <h3>{t("procedures.tree")}</h3>
          <StepTree steps={order.steps} />
        </section>
      </div>
    </Modal>
  );
}
