import { useWords } from "../../ui/language";
import { HoursRows } from "../../ui/hours/HoursRows";
import { WeekStrip } from "../../ui/hours/WeekStrip";
import type { Hours } from "../../ui/hours/week";

/** Every night, holidays among them. */
export const USUAL: Hours[] = [{ days: [1, 2, 3, 4, 5, 6, 7, 8], from: "22:00", to: "06:00" }];

/** When something is to be armed: the week at a glance, and its hours. */
export function ArmingHours({ hours, onChange }: { hours: Hours[]; onChange: (hours: Hours[]) => void }) {
  const { t } = useWords();
  return (
    <div className="wide">
      <WeekStrip hours={hours} label={t("points.arming")} />
      <HoursRows hours={hours} onChange={onChange} />
    </div>
  );
}
