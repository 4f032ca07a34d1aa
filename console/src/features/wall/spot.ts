import { useEffect, useRef, useState } from "react";
import type { Shown } from "../../ui/wall-state";

/** Between the windows of one browser: the camera chosen last, for a window that always shows it. */
const CHANNEL = "fengsui.spot";
type Told = { chosen: Shown } | { wanted: true };

/** Tells the spot window which camera is the chosen one, now and when it asks. */
export function useTellSpot(chosen: Shown | undefined): void {
  const channel = useRef<BroadcastChannel>(undefined);
  const last = useRef<Shown>(undefined);
  useEffect(() => {
    if (!("BroadcastChannel" in window)) return;
    const made = new BroadcastChannel(CHANNEL);
    made.onmessage = (message: MessageEvent<Told>) => {
      if ("wanted" in message.data && last.current !== undefined) made.postMessage({ chosen: last.current } satisfies Told);
    };
    channel.current = made;
    return () => {
      made.close();
      channel.current = undefined;
    };
  }, []);
  const { code, name, ptz } = chosen ?? {};
  useEffect(() => {
    if (code === undefined || name === undefined || code === "") return;
    last.current = { code, name, ...(ptz === undefined ? {} : { ptz }) };
    channel.current?.postMessage({ chosen: last.current } satisfies Told);
  }, [code, name, ptz]);
}

/** The camera chosen last in another window; undefined until one is told. */
export function useSpot(): Shown | undefined {
  const [chosen, setChosen] = useState<Shown>();
  useEffect(() => {
    const made = new BroadcastChannel(CHANNEL);
    made.onmessage = (message: MessageEvent<Told>) => {
      if ("chosen" in message.data) setChosen(message.data.chosen);
    };
    made.postMessage({ wanted: true } satisfies Told);
    return () => made.close();
  }, []);
  return chosen;
}
