import { useContext, useEffect, useRef } from "react";
import { api, body } from "../api-client/client";
import { isAlarmToSee, isLate, isReturn } from "../ui/alarm-news";
import { useNews } from "../ui/news";
import { bell } from "../ui/ringing";
import { SignedIn, useMay } from "../ui/signed-in";
import { Unheard } from "./unheard";

/** Of the most urgent ones, after a gap. */
const LOOKED_AT = 500;
const AGAIN_MS = 2_000;

/** A new alarm rings at the desk, whatever page one is on, and one that is made more urgent, also what came while the news were lost; at a supervisor's desk one that waits too long as well. What is only for the record does not. */
export function useRinging(): void {
  const { feed, epoch } = useNews();
  const user = useContext(SignedIn)?.user.id;
  const may = useMay();
  const rings = may("take-duty");
  const supervises = may("manage-duty");
  const unheard = useRef(new Unheard());
  useEffect(() => {
    if (rings && user !== undefined) bell.belongsTo(user);
  }, [rings, user]);
  useEffect(() => {
    if (!rings) return;
    const leave = feed?.listen((event) => {
      if (isReturn(event)) bell.ring(event.priority); // all that come back together ring once
      if (supervises && isLate(event)) bell.ring(1); // whatever its priority: nobody sees to it
      if (!isAlarmToSee(event)) return;
      unheard.current.hear(event.id, event.priority);
      bell.ring(event.priority);
    });
    return () => {
      leave?.();
      bell.hush();
    };
  }, [feed, rings, supervises]);
  useEffect(() => {
    if (!rings || epoch === 0) return;
    let left = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      try {
        const { items, next } = await body(api.GET("/api/v1/alarms", { params: { query: { queue: "open", limit: LOOKED_AT } } }));
        const urgency = left ? undefined : unheard.current.among(items, next === null);
        if (urgency !== undefined) bell.ring(urgency);
      } catch {
        if (!left) timer = setTimeout(() => void ask(), AGAIN_MS); // whoever does not get through is told by the banner
      }
    };
    void ask();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [epoch, rings]);
}
