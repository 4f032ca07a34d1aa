import { useEffect, useState } from "react";
import { useNews } from "./news";

/** What the node's clock shows, in ms; goes on by itself. */
export function useNodeNow(everyMs = 1_000): number {
  const { feed } = useNews();
  const [now, setNow] = useState(() => feed?.nodeNow() ?? Date.now());
  useEffect(() => {
    const look = () => setNow(feed?.nodeNow() ?? Date.now());
    look();
    const timer = setInterval(look, everyMs);
    return () => clearInterval(timer);
  }, [feed, everyMs]);
  return now;
}
