import { Button, Checkbox, Input } from "antd";
import { useWords } from "../language";
import "./hours.css";
import { KINDS, isTime, type Hours } from "./week";

/** The spans of a schedule, a row each. */
export function HoursRows({ hours, onChange }: { hours: Hours[]; onChange: (hours: Hours[]) => void }) {
  const { t } = useWords();
  const put = (at: number, change: Partial<Hours>) => onChange(hours.map((one, index) => (index === at ? { ...one, ...change } : one)));
  return (
    <div className="hours-rows">
      {hours.map((one, at) => (
        <fieldset key={at} data-testid={`hours-${at}`}>
          <Checkbox.Group<number> value={one.days} options={KINDS.map((kind) => ({ value: kind, label: t(`recording.day.${kind}`) }))} onChange={(days) => put(at, { days: [...days].sort() })} />
          <div>
            {(["from", "to"] as const).map((which) => (
              <Input key={which} value={one[which]} maxLength={5} inputMode="numeric" style={{ width: 72 }} prefix={which === "to" ? "–" : undefined} aria-label={t(`recording.${which}`)} {...(isTime(one[which], which) ? {} : { status: "error" as const })} onChange={(event) => put(at, { [which]: event.target.value.replace("：", ":") })} />
            ))}
            {one.from >= one.to && isTime(one.to, "to") && <span className="quiet">{t("recording.nextDay")}</span>}
            <span style={{ flex: 1 }} />
            <Button size="small" aria-label={t("recording.remove")} title={t("recording.remove")} onClick={() => onChange(hours.filter((_, index) => index !== at))}>
              ✕
            </Button>
          </div>
        </fieldset>
      ))}
      <Button size="small" disabled={hours.length >= 32} onClick={() => onChange([...hours, { days: [6, 7, 8], from: "00:00", to: "24:00" }])}>
        {t("recording.add")}
      </Button>
    </div>
  );
}
