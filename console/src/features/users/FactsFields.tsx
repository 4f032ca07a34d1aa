import { Input, Select } from "antd";
import { DateField } from "../../ui/DateField";
import { useWords } from "../../ui/language";
import { useDivisions, useUnits } from "./areas";

/** Name, unit and the dates without which an account closes (A9); null where there is none. */
export interface Facts {
  full_name: string;
  personnel_number: string;
  unit: number | null;
  vetted_on: string | null;
  undertaking_on: string | null;
  training_until: string | null;
  certificate_no: string | null;
}

export const emptyFacts: Facts = { full_name: "", personnel_number: "", unit: null, vetted_on: null, undertaking_on: null, training_until: null, certificate_no: "" };
const DATES = [
  ["vetted_on", "user.vetted"],
  ["undertaking_on", "user.undertaking"],
  ["training_until", "user.training"],
] as const;

export function FactsFields({ facts, onChange }: { facts: Facts; onChange: (facts: Facts) => void }) {
  const { t } = useWords();
  const units = useUnits();
  const whole = useDivisions().data?.whole === true;
  const options = (units.data?.items ?? []).map((one) => ({ value: one.id as number | null, label: `${one.name} · ${one.area_name || t("appointment.everywhere")}` }));
  return (
    <div className="fields">
      <label>
        <span>{t("user.fullName")}</span>
        <Input value={facts.full_name} maxLength={64} onChange={(event) => onChange({ ...facts, full_name: event.target.value })} />
      </label>
      <label>
        <span>{t("user.number")}</span>
        <Input value={facts.personnel_number} maxLength={64} placeholder={t("user.number.help")} data-testid="personnel-number" onChange={(event) => onChange({ ...facts, personnel_number: event.target.value })} />
      </label>
      <label>
        <span>{t("user.unit")}</span>
        <Select<number | null> value={facts.unit} data-testid="user-unit" aria-label={t("user.unit")} showSearch={{ optionFilterProp: "label" }} onChange={(unit) => onChange({ ...facts, unit })} options={whole ? [{ value: null, label: t("user.noUnit") }, ...options] : options} />
      </label>
      {DATES.map(([field, text]) => (
        <label key={field}>
          <span>{t(text)}</span>
          <DateField value={facts[field] ?? ""} label={t(text)} testId={field} onChange={(day) => onChange({ ...facts, [field]: day === "" ? null : day })} />
        </label>
      ))}
      <label>
        <span>{t("user.certificate")}</span>
        <Input value={facts.certificate_no ?? ""} maxLength={64} data-testid="certificate-no" onChange={(event) => onChange({ ...facts, certificate_no: event.target.value })} />
      </label>
      <p className="quiet fields-note">{t("user.prerequisites.help")}</p>
    </div>
  );
}
