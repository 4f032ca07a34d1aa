import { useEffect, useRef, useState } from "react";
import { ApiProblem, api } from "../../api-client/client";

/** So often at most the node is told. */
const EVERY_MS = 5_000;
/** A phone that does not move is asked anew so often, so that its position does not grow old. */
const STILL_MS = 60_000;

const HOW: PositionOptions = { enableHighAccuracy: true, maximumAge: 2_000 };

export interface Fix {
  longitude: number;
  latitude: number;
  /** Radius in metres, as the phone has it. */
  accuracy: number;
}

export type Telling =
  | { kind: "off" }
  | { kind: "waiting" }
  | { kind: "denied" }
  | { kind: "unable" }
  | { kind: "sent"; atMs: number; accuracy: number }
  | { kind: "not-sent" };

/** The phone's position while `on`, and how far the node has it; `unit` undefined: there is nobody to tell it for. */
export function useOwnPosition(unit: number | undefined, on: boolean): { fix: Fix | undefined; telling: Telling } {
  const [fix, setFix] = useState<Fix>();
  const [telling, setTelling] = useState<Telling>({ kind: "off" });
  const newest = useRef<GeolocationPosition>(undefined);
  useEffect(() => {
    if (!on || unit === undefined) {
      setFix(undefined);
      setTelling({ kind: "off" });
      return;
    }
    if (!("geolocation" in navigator)) return setTelling({ kind: "unable" });
    let left = false;
    let sentAtMs = -Infinity;
    let askedAtMs = -Infinity;
    let sent: GeolocationPosition | undefined;
    let under = false;
    newest.current = undefined;
    setTelling({ kind: "waiting" });
    const tell = async () => {
      const found = newest.current;
      if (found === undefined || under || Date.now() - sentAtMs < EVERY_MS) return;
      if (found === sent) {
        if (Date.now() - askedAtMs < STILL_MS) return;
        askedAtMs = Date.now();
        navigator.geolocation.getCurrentPosition(took, lost, HOW); // an old place is not told as a new one
        return;
      }
      under = true;
      try {
        const { longitude, latitude, accuracy } = found.coords;
        await api.POST("/api/v1/units/{unit_id}/position", { params: { path: { unit_id: unit } }, body: { longitude, latitude } });
        sent = found;
        askedAtMs = Date.now();
        if (!left) setTelling({ kind: "sent", atMs: Date.now(), accuracy });
      } catch (error) {
        if (!(error instanceof ApiProblem)) throw error;
        if (!left) setTelling({ kind: "not-sent" });
      } finally {
        sentAtMs = Date.now();
        under = false;
      }
    };
    const took = (found: GeolocationPosition) => {
      if (left) return;
      newest.current = found;
      const { longitude, latitude, accuracy } = found.coords;
      setFix({ longitude, latitude, accuracy });
      void tell();
    };
    const lost = ({ code, PERMISSION_DENIED }: GeolocationPositionError) => {
      if (left) return;
      newest.current = undefined;
      setFix(undefined);
      setTelling({ kind: code === PERMISSION_DENIED ? "denied" : "unable" });
    };
    const watch = navigator.geolocation.watchPosition(took, lost, HOW);
    const timer = setInterval(() => void tell(), EVERY_MS);
    return () => {
      left = true;
      navigator.geolocation.clearWatch(watch);
      clearInterval(timer);
    };
  }, [unit, on]);
  return { fix, telling };
}
