import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { EventFeed } from "../api-client/events";

interface News {
  /** None for whoever may not see the node's news. */
  feed: EventFeed | undefined;
  connected: boolean;
  /** Grows whenever something may have been missed: what is on screen is then asked for anew. */
  epoch: number;
}

const Context = createContext<News>({ feed: undefined, connected: true, epoch: 0 });

/** One feed for the whole console. */
export function NewsProvider({ wanted, onRefused, children }: { wanted: boolean; onRefused: () => void; children: ReactNode }) {
  const [connected, setConnected] = useState(true);
  const [epoch, setEpoch] = useState(0);
  const [feed, setFeed] = useState<EventFeed>();
  const refused = useRef(onRefused);
  useEffect(() => {
    refused.current = onRefused;
  }, [onRefused]);
  useEffect(() => {
    if (!wanted) return;
    const made = new EventFeed(
      (now) => {
        setConnected(now);
        if (now) setEpoch((old) => old + 1);
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
  const news = useMemo(() => ({ feed, connected, epoch }), [feed, connected, epoch]);
  return <Context.Provider value={news}>{children}</Context.Provider>;
}

export function useNews(): News {
  return useContext(Context);
}
