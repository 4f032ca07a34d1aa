import { useEffect } from "react";
import { bell, type Urgency } from "../../ui/ringing";

/** Until it is accepted. */
const AGAIN_MS = 8_000;
const SHAKES_MS = [300, 120, 300, 120, 600];

/** A task that waits to be accepted rings and shakes the phone, again and again; a phone that cannot is silent. */
export function useNewTask(user: number, task: { id: number; priority: number } | undefined): void {
  useEffect(() => bell.belongsTo(user), [user]);
  const id = task?.id;
  const urgency = Math.max(1, Math.min(3, task?.priority ?? 3)) as Urgency;
  useEffect(() => {
    if (id === undefined) return;
    const ring = () => {
      bell.ring(urgency);
      if ("vibrate" in navigator) navigator.vibrate(SHAKES_MS);
    };
    ring();
    const timer = setInterval(ring, AGAIN_MS);
    return () => {
      clearInterval(timer);
      bell.hush();
      if ("vibrate" in navigator) navigator.vibrate(0);
    };
  }, [id, urgency]);
}
