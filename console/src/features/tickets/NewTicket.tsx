import { useQueryClient } from "@tanstack/react-query";
import { Input, Modal } from "antd";
import { api, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { useAct } from "../../ui/act";
import { GroundFields } from "../../ui/ticket/GroundFields";
import { longestOf, NO_GROUND } from "../../ui/ticket/ground";
import { useZone } from "../../ui/zone";
import { BoundsFields } from "./BoundsFields";
import { emptyBounds, orderOf, type BoundsDraft, type Draft } from "./order";

type Rules = Schemas["PurposeList"];

const emptyDraft = (rules: Rules, zone: string): Draft => ({ ...NO_GROUND, bounds: emptyBounds(Date.now(), zone), hours: rules.default_hours, reason: "" });

const withBounds = (draft: Draft, bounds: Partial<BoundsDraft> | undefined): Draft => ({ ...draft, bounds: { ...draft.bounds, ...bounds } });

/** Purpose, ground, case, which cameras and which time. */
export function NewTicket({ open, wanted, rules, onClose }: { open: boolean; wanted?: Partial<BoundsDraft> | undefined; rules: Rules; onClose: () => void }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const zone = useZone();
  const [draft, setDraft] = useKept("new ticket", () => withBounds(emptyDraft(rules, zone), wanted));
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const longest = longestOf(rules, draft.caseNumber);
  const order = orderOf({ ...draft, hours: draft.hours === null ? null : Math.min(draft.hours, longest) }, zone);
  const make = () => {
    if (order === undefined) return;
    void act(async () => {
      await api.POST("/api/v1/tickets", { body: order });
      setDraft(emptyDraft(rules, zone));
      onClose();
    }).finally(() => void queries.invalidateQueries({ queryKey: ["tickets"] }));
  };
  return (
    <Modal open={open} width={680} title={t("ticket.open")} okText={t("ticket.open")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: order === undefined, "data-testid": "make-ticket" }} onCancel={onClose} onOk={make} destroyOnHidden>
      <div className="fields">
        <GroundFields purposes={rules.items} ground={draft} onChange={change} />
        <BoundsFields bounds={draft.bounds} hours={draft.hours === null ? null : Math.min(draft.hours, longest)} longest={longest} onBounds={(bounds) => change({ bounds })} onHours={(hours) => change({ hours })} />
        <label>
          <span>{t("ticket.reason")}</span>
          <Input value={draft.reason} maxLength={500} onChange={(event) => change({ reason: event.target.value })} />
        </label>
      </div>
    </Modal>
  );
}
