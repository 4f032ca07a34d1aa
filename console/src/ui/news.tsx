import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { EventFeed } from "../api-client/events";

interface News {
  /** None for whoever may not see the node's news. */
  feed: EventFeed | undefined;
  connected: boolean;
  /** What the node's clock showed when the node was last heard, in ms, while the connection is lost. */
  lostSince: number | undefined;
  /** How long the connection that has come back was lost, in ms. */
  wasLostFor: number | undefined;
  /** Grows whenever something may have been missed: what is on screen is then asked for anew. */
  epoch: number;
}

const Context = createContext<News>({ feed: undefined, connected: true, lostSince: undefined, wasLostFor: undefined, epoch: 0 });

/** One feed for the whole console. */
export function NewsProvider({ wanted, onRefused, children }: { wanted: boolean; onRefused: () => void; children: ReactNode }) {
  const [connected, setConnected] = useState(true);
  const [lostSince, setLostSince] = useState<number>();
  const [wasLostFor, setWasLostFor] = useState<number>();
  const [epoch, setEpoch] = useState(0);
  const [feed, setFeed] = useState<EventFeed>();
  const refused = useRef(onRefused);
  useEffect(() => {
    refused.current = onRefused;
  }, [onRefused]);
  useEffect(() => {
    if (!wanted) return;
    let lost: number | undefined;
    const made = new EventFeed(
      (now) => {
        setConnected(now);
        if (now) setEpoch((old) => old + 1);
        if (now && lost !== undefined) setWasLostFor(made.nodeNow() - lost);
        lost = now ? undefined : (lost ?? made.lastHeard());
        setLostSince(lost);
      },
      () => refused.current(),
    );
    made.listen((event) => {
      if (event.type === "gap") setEpoch((old) => old + 1);
    });
    setFeed(made);
    made.open();
    return () => made.close();
  }, [wanted]);
  const news = useMemo(() => ({ feed, connected, lostSince, wasLostFor, epoch }), [feed, connected, lostSince, wasLostFor, epoch]);
  return <Context.Provider value={news}>{children}</Context.Provider>;
}

export function useNews(): News {
  return useContext(Context);
}
