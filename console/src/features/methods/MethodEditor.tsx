import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Input, Modal, Select } from "antd";
import { api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { AreaSelect } from "../../ui/AreaSelect";
import { useIncidentLists, useIncidentWords } from "../../ui/incident-words";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { EMPTY, isWhole, orderOf, type Kind, type Method, type Order } from "./form";

const PARTS = [["steps", 7, 4000], ["places", 3, 2000], ["cameras", 3, 2000]] as const;

/** A method as it is written. `method`: none for a new one, which begins as a draft. */
export function MethodEditor({ method, onClose }: { method: Method | undefined; onClose: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const words = useIncidentWords();
  const { types } = useIncidentLists();
  const [order, setOrder] = useKept<Order>(`method ${method?.id ?? 0} version ${method?.version ?? 0}`, method === undefined ? EMPTY : orderOf(method));
  const save = () =>
    void act(async () => {
      const made = method === undefined ? await body(api.POST("/api/v1/methods", { body: order })) : await body(api.PUT("/api/v1/methods/{method_id}", { params: { path: { method_id: method.id } }, body: { ...order, version: method.version } }));
      void queries.invalidateQueries({ queryKey: ["methods"] });
      setOrder(EMPTY);
      onClose();
      if (method === undefined) void navigate({ to: "/methods", search: { id: made.id } });
    });
  return (
    <Modal open width={860} title={method === undefined ? t("methods.add") : t("methods.title.change", { version: method.version })} okText={t("methods.save")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: !isWhole(order), "data-testid": "save-method" }} onCancel={onClose} onOk={save} destroyOnHidden>
      <p className="quiet">{t("methods.noPersons")}</p>
      <div className="method-form">
        <label>
          <span>{t("methods.title")}</span>
          <Input autoFocus value={order.title} maxLength={64} data-testid="method-title" onChange={(event) => setOrder({ ...order, title: event.target.value })} />
        </label>
        <label>
          <span>{t("methods.area")}</span>
          <AreaSelect value={order.area || undefined} clearable label={t("methods.area.own")} testId="method-area" onChange={(area) => setOrder({ ...order, area })} />
        </label>
        <label>
          <span>{t("methods.kinds")}</span>
          <Select mode="multiple" value={order.kinds} data-testid="method-kinds" options={types.map(({ code }) => ({ value: code as Kind, label: words("types", code) }))} onChange={(kinds) => setOrder({ ...order, kinds })} />
        </label>
        <label>
          <span>{t("methods.tags")}</span>
          <Select mode="tags" value={order.tags ?? []} maxCount={10} open={false} suffixIcon={null} data-testid="method-tags" onChange={(tags) => setOrder({ ...order, tags })} />
        </label>
        {PARTS.map(([name, rows, most]) => (
          <label key={name} className="wide">
            <span>{t(`methods.${name}`)}</span>
            <Input.TextArea rows={rows} maxLength={most} value={order[name] ?? ""} data-testid={`method-${name}`} onChange={(event) => setOrder({ ...order, [name]: event.target.value })} />
          </label>
        ))}
      </div>
    </Modal>
  );
}
