import { useContext, useEffect, useRef } from "react";
import type { OwnNotice } from "../ui/own-notices";
import { bell, type Urgency } from "../ui/ringing";
import { SignedIn } from "../ui/signed-in";

/** While something new is not acknowledged it is said again. */
const AGAIN_MS = 60_000;
/** What nobody reads by then waits in silence. */
const NEW_MS = 600_000;
const SHAKES_MS = [200, 100, 200];

/** A notice rings and shakes a phone when it comes, and once a minute for ten minutes until it is acknowledged. */
export function useTold(notices: readonly OwnNotice[]): void {
  const user = useContext(SignedIn)?.user.id;
  const heard = useRef(new Map<number, number>());
  const now = useRef(notices);
  useEffect(() => {
    now.current = notices;
  }, [notices]);
  useEffect(() => {
    if (user !== undefined && notices.length > 0) bell.belongsTo(user);
  }, [user, notices.length]);
  const ids = notices.map((one) => one.id).join();
  useEffect(() => {
    const came = now.current.filter((one) => !heard.current.has(one.id));
    const since = performance.now();
    came.forEach((one) => heard.current.set(one.id, since));
    ring(came);
    if (ids === "") return;
    const timer = setInterval(() => ring(now.current.filter((one) => performance.now() - (heard.current.get(one.id) ?? 0) < NEW_MS)), AGAIN_MS);
    return () => clearInterval(timer);
  }, [ids]);
}

function ring(some: readonly OwnNotice[]): void {
  if (some.length === 0) return;
  bell.ring(Math.max(1, Math.min(3, ...some.map((one) => one.priority))) as Urgency);
  if ("vibrate" in navigator) navigator.vibrate(SHAKES_MS);
}
