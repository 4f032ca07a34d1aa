import { Button, Checkbox, Input, InputNumber, Select } from "antd";
import { useWords } from "../../ui/language";
import { DAYS, NIGHT, type Order } from "./form";

type When = Order["when"];
const CATEGORIES = ["panic", "intrusion", "fire", "gas", "medical", "tamper", "motion", "object", "movement", "crowd", "call", "technical", "power", "communication", "fault", "fire_supervisory", "access", "open_close", "late_to_close", "early_to_open", "supervision"] as const;

/** Which alarms: what is left empty is open. */
export function WhenFields({ when, onChange }: { when: When; onChange: (when: When) => void }) {
  const { t } = useWords();
  const windows = when.windows ?? [];
  const repeats = when.repeats ?? null;
  const put = (at: number, part: Partial<typeof NIGHT>) => onChange({ ...when, windows: windows.map((one, place) => (place === at ? { ...one, ...part } : one)) });
  return (
    <div className="alarm-rule-form">
      <label>
        <span>{t("rules.categories")}</span>
        <Select mode="multiple" value={when.categories ?? []} placeholder={t("rules.any")} data-testid="rule-categories" options={CATEGORIES.map((one) => ({ value: one, label: t(`alarm.category.${one}`) }))} onChange={(categories) => onChange({ ...when, categories })} />
      </label>
      <label>
        <span>{t("rules.priorities")}</span>
        <Select mode="multiple" value={when.priorities ?? []} placeholder={t("rules.any")} options={([1, 2, 3, 4] as const).map((one) => ({ value: one, label: t(`priority.${one}`) }))} onChange={(priorities) => onChange({ ...when, priorities })} />
      </label>
      <label>
        <span>{t("rules.sites")}</span>
        <Select mode="tags" value={when.sites ?? []} placeholder={t("rules.any")} open={false} suffixIcon={null} data-testid="rule-sites" onChange={(sites) => onChange({ ...when, sites })} />
      </label>
      <label>
        <span>{t("rules.armed")}</span>
        <Select allowClear value={when.armed ?? null} placeholder={t("rules.any")} data-testid="rule-armed" options={(["armed", "disarmed"] as const).map((one) => ({ value: one, label: t(`rules.armed.${one}`) }))} onChange={(armed) => onChange({ ...when, armed: armed ?? null })} />
      </label>
      <div className="wide">
        <span>{t("rules.windows")}</span>
        {windows.map((one, at) => (
          <div key={at} className="alarm-rule-window">
            <Checkbox.Group<number> value={one.days} options={DAYS.map((day) => ({ value: day, label: t(`patrol.day.${day}`) }))} onChange={(days) => put(at, { days: [...days].sort() })} />
            <Input value={one.from} maxLength={5} aria-label={t("rules.from")} data-testid={`window-from-${at}`} onChange={(event) => put(at, { from: event.target.value })} />–
            <Input value={one.to} maxLength={5} aria-label={t("rules.to")} data-testid={`window-to-${at}`} onChange={(event) => put(at, { to: event.target.value })} />
            <Button size="small" type="text" onClick={() => onChange({ ...when, windows: windows.filter((_, place) => place !== at) })}>
              {t("rules.remove")}
            </Button>
          </div>
        ))}
        <Button size="small" data-testid="add-window" onClick={() => onChange({ ...when, windows: [...windows, NIGHT] })}>
          {t("rules.windows.add")}
        </Button>
      </div>
      <div className="wide">
        <Checkbox checked={repeats !== null} onChange={(event) => onChange({ ...when, repeats: event.target.checked ? { count: 3, within_s: 60 } : null })}>
          {t("rules.repeats")}
        </Checkbox>
        {repeats !== null && (
          <div className="alarm-rule-window">
            <InputNumber min={2} max={100} precision={0} value={repeats.count} aria-label={t("rules.repeats.count")} onChange={(value) => onChange({ ...when, repeats: { ...repeats, count: value ?? 2 } })} />
            <InputNumber min={1} max={3600} precision={0} value={repeats.within_s} suffix="s" aria-label={t("rules.repeats.within")} onChange={(value) => onChange({ ...when, repeats: { ...repeats, within_s: value ?? 60 } })} />
          </div>
        )}
      </div>
    </div>
  );
}
