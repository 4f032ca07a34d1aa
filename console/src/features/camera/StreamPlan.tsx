import { EventTimes } from "./EventTimes";
import { HoursRows } from "./HoursRows";
import { type Hours, type StreamDraft } from "./recording-hours";
import { WeekStrip } from "./WeekStrip";

interface Props {
  shown: StreamDraft;
  mayChange: boolean;
  onChange: (change: Partial<StreamDraft>) => void;
}

/** What the way in which a stream is recorded asks for: the hours of its schedule, or the times around an event. */
export function StreamPlan({ shown, mayChange, onChange }: Props) {
  return (
    <>
      {shown.mode === "schedule" && <WeekStrip hours={shown.hours} />}
      {shown.mode === "schedule" && mayChange && <HoursRows hours={shown.hours} onChange={(hours: Hours[]) => onChange({ hours })} />}
      {shown.mode === "event" && mayChange && <EventTimes times={shown} onChange={onChange} />}
    </>
  );
}
