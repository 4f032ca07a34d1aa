import { useQueryClient } from "@tanstack/react-query";
import { Input, Modal, Select } from "antd";
import { api, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { useAct } from "../../ui/act";
import { useZone } from "../../ui/zone";
import { BoundsFields } from "./BoundsFields";
import { emptyBounds, longestOf, orderOf, type BoundsDraft, type Draft } from "./order";

type Rules = Schemas["PurposeList"];

const emptyDraft = (rules: Rules, zone: string): Draft => ({ purpose: undefined, basis: undefined, caseNumber: "", bounds: emptyBounds(Date.now(), zone), hours: rules.default_hours, reason: "" });

const withBounds = (draft: Draft, bounds: Partial<BoundsDraft> | undefined): Draft => ({ ...draft, bounds: { ...draft.bounds, ...bounds } });

/** Purpose, ground, case, which cameras and which time. */
export function NewTicket({ open, wanted, rules, onClose }: { open: boolean; wanted?: Partial<BoundsDraft> | undefined; rules: Rules; onClose: () => void }) {
  const { t, pick } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const zone = useZone();
  const [draft, setDraft] = useKept("new ticket", () => withBounds(emptyDraft(rules, zone), wanted));
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const { purpose } = draft;
  const longest = longestOf(rules, draft.caseNumber);
  const order = orderOf({ ...draft, hours: draft.hours === null ? null : Math.min(draft.hours, longest) }, zone);
  const choose = (code: string) => {
    const chosen = rules.items.find((one) => one.code === code);
    change({ purpose: chosen, basis: chosen?.basis.length === 1 ? chosen.basis[0] : undefined });
  };
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
        <label>
          <span>{t("ticket.purpose")}</span>
          <Select<string> autoFocus value={purpose?.code} placeholder={t("ticket.purpose")} aria-label={t("ticket.purpose")} data-testid="ticket-purpose" onChange={choose} options={rules.items.map((one) => ({ value: one.code, label: pick(one.zh, one.en) }))} />
        </label>
        {purpose !== undefined && <p className="quiet fields-note">{t("ticket.purpose.opens", { functions: purpose.functions.map((one) => t(`ticket.opens.${one as Schemas["Gated"]}`)).join("、") })}</p>}
        <label>
          <span>{t("ticket.basis")}</span>
          <Select<string> value={draft.basis} disabled={purpose === undefined} placeholder={t("ticket.basis")} aria-label={t("ticket.basis")} data-testid="ticket-basis" onChange={(basis) => change({ basis })} options={(purpose?.basis ?? []).map((one) => ({ value: one, label: one }))} />
        </label>
        {purpose?.case_number !== "none" && (
          <label>
            <span>{t("ticket.case")}</span>
            <Input value={draft.caseNumber} maxLength={64} placeholder={t(purpose?.case_number === "required" ? "ticket.case.required" : "ticket.case.optional")} data-testid="ticket-case" onChange={(event) => change({ caseNumber: event.target.value })} />
          </label>
        )}
        <BoundsFields bounds={draft.bounds} hours={draft.hours === null ? null : Math.min(draft.hours, longest)} longest={longest} onBounds={(bounds) => change({ bounds })} onHours={(hours) => change({ hours })} />
        <label>
          <span>{t("ticket.reason")}</span>
          <Input value={draft.reason} maxLength={500} onChange={(event) => change({ reason: event.target.value })} />
        </label>
      </div>
    </Modal>
  );
}
