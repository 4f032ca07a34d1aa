import { useContext, useEffect } from "react";
import { isNewAlarm } from "../ui/alarm-news";
import { useNews } from "../ui/news";
import { bell, type Urgency } from "../ui/ringing";
import { SignedIn, useMay } from "../ui/signed-in";

const URGENCIES: readonly number[] = [1, 2, 3];

/** A new alarm rings at the desk, whatever page one is on; what is only for the record does not. */
export function useRinging(): void {
  const { feed } = useNews();
  const user = useContext(SignedIn)?.user.id;
  const rings = useMay()("take-duty");
  useEffect(() => {
    if (rings && user !== undefined) bell.belongsTo(user);
  }, [rings, user]);
  useEffect(() => {
    if (!rings) return;
    const leave = feed?.listen((event) => {
      if (isNewAlarm(event) && event.change === "new" && URGENCIES.includes(event.priority)) bell.ring(event.priority as Urgency);
    });
    return () => {
      leave?.();
      bell.hush();
    };
  }, [feed, rings]);
}
