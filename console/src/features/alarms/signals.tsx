import { useEffect, useRef, useState } from "react";
import { useWords } from "../../ui/language";
import { useTime } from "../../ui/time";
import { signals } from "./asked";
import type { Alarm } from "./queue";

/** So long nothing is confirmed behind a signal that has just come, at most. */
export const SEEN_MS = 1_000;
/** So long those that follow hold nobody up: a source that never rests is judged, too. */
export const OPEN_MS = 5_000;

export interface Signals {
  /** How many came of the alarm's source since the dialog was opened. */
  count: number;
  /** What came has stood there for a moment, or others did a moment ago. */
  seen: boolean;
}

/** What comes of the alarm's source while one decides about it. */
export function useSignals(alarm: Alarm): Signals {
  const now = signals(alarm);
  const [before] = useState(now);
  const [seen, setSeen] = useState(now);
  const [open, setOpen] = useState(false);
  const last = useRef(now);
  const holds = !open && seen !== now;
  useEffect(() => {
    last.current = now;
  }, [now]);
  useEffect(() => {
    if (!holds) return;
    const timer = setTimeout(() => setOpen(true), SEEN_MS);
    return () => clearTimeout(timer);
  }, [holds]);
  useEffect(() => {
    if (!open) return;
    const timer = setTimeout(() => {
      setSeen(last.current);
      setOpen(false);
    }, OPEN_MS);
    return () => clearTimeout(timer);
  }, [open]);
  return { count: now - before, seen: !holds };
}

/** Says above what is decided that it will be about all that has come by then: the node has refused to count less. */
export function AllUpToNow() {
  const { t } = useWords();
  return (
    <span className="alarm-again" role="alert" data-testid="up-to-now">
      ▲ {t("alarms.upToNow")}
    </span>
  );
}

/** Says it above what is decided. */
export function AnotherSignal({ alarm, count }: { alarm: Alarm; count: number }) {
  const { t } = useWords();
  const time = useTime();
  if (count <= 0) return null;
  const last = [alarm.last_at, alarm.work?.folded_at ?? ""].sort((one, other) => Date.parse(one || "1970") - Date.parse(other || "1970")).at(-1) ?? alarm.last_at;
  return (
    <span className="alarm-again" role="alert" data-testid="another-signal">
      ▲ {t("alarms.signal", { count, last: time(last).slice("2026-11-29 ".length) })}
    </span>
  );
}
