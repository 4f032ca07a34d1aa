import { useWords } from "../../ui/language";

const HOUR_S = 3_600;

/** How often a host must be heard, in words; null: it may be silent. */
export function useSupervised(): (interval_s: number | null) => string {
  const { t } = useWords();
  return (interval_s) => {
    if (interval_s === null) return t("points.interval.none");
    const whole = interval_s >= HOUR_S && interval_s % HOUR_S === 0;
    return whole ? t("points.interval.hours", { hours: interval_s / HOUR_S }) : t("points.interval.minutes", { minutes: Math.round(interval_s / 6) / 10 });
  };
}
