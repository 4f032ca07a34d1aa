import { Input, Select } from "antd";
import type { Schemas } from "../../api-client/client";
import { useWords } from "../language";
import type { Ground, Purpose } from "./ground";

interface Props {
  purposes: readonly Purpose[];
  ground: Ground;
  onChange: (part: Partial<Ground>) => void;
}

/** Purpose, legal basis and case number of a use ticket, as the pack in force has them. */
export function GroundFields({ purposes, ground, onChange }: Props) {
  const { t, pick } = useWords();
  const { purpose, basis, caseNumber } = ground;
  const choose = (code: string) => {
    const chosen = purposes.find((one) => one.code === code);
    onChange({ purpose: chosen, basis: chosen?.basis.length === 1 ? chosen.basis[0] : undefined });
  };
  return (
    <>
      <label>
        <span>{t("ticket.purpose")}</span>
        <Select<string> autoFocus value={purpose?.code} placeholder={t("ticket.purpose")} aria-label={t("ticket.purpose")} data-testid="ticket-purpose" onChange={choose} options={purposes.map((one) => ({ value: one.code, label: pick(one.zh, one.en) }))} />
      </label>
      {purpose !== undefined && <p className="quiet fields-note">{t("ticket.purpose.opens", { functions: purpose.functions.map((one) => t(`ticket.opens.${one as Schemas["Gated"]}`)).join("、") })}</p>}
      <label>
        <span>{t("ticket.basis")}</span>
        <Select<string> value={basis} disabled={purpose === undefined} placeholder={t("ticket.basis")} aria-label={t("ticket.basis")} data-testid="ticket-basis" onChange={(next) => onChange({ basis: next })} options={(purpose?.basis ?? []).map((one) => ({ value: one, label: one }))} />
      </label>
      {purpose?.case_number !== "none" && (
        <label>
          <span>{t("ticket.case")}</span>
          <Input value={caseNumber} maxLength={64} placeholder={t(purpose?.case_number === "required" ? "ticket.case.required" : "ticket.case.optional")} data-testid="ticket-case" onChange={(event) => onChange({ caseNumber: event.target.value })} />
        </label>
      )}
    </>
  );
}
