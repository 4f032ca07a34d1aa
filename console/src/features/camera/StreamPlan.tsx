import { HoursRows } from "../../ui/hours/HoursRows";
import type { Hours } from "../../ui/hours/week";
import { WeekStrip } from "../../ui/hours/WeekStrip";
import { useWords } from "../../ui/language";
import { EventTimes } from "./EventTimes";
import type { StreamDraft } from "./recording-hours";

interface Props {
  shown: StreamDraft;
  mayChange: boolean;
  onChange: (change: Partial<StreamDraft>) => void;
}

/** What the way in which a stream is recorded asks for: the hours of its schedule, or the times around an event. */
export function StreamPlan({ shown, mayChange, onChange }: Props) {
  const { t } = useWords();
  return (
    <>
      {shown.mode === "schedule" && <WeekStrip hours={shown.hours} label={t("recording.week")} />}
      {shown.mode === "schedule" && mayChange && <HoursRows hours={shown.hours} onChange={(hours: Hours[]) => onChange({ hours })} />}
      {shown.mode === "event" && mayChange && <EventTimes times={shown} onChange={onChange} />}
    </>
  );
}
