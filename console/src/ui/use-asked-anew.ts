import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { NodeEvent } from "../api-client/events";
import { useNews } from "./news";

/** The first news is followed at once; in a storm the same is asked for no oftener than this. */
const SOON_MS = 250;
const STORM_MS = 4_000;

/** Asks anew for what the node's news are about. `about`: the key of the query that an event makes old; undefined: none. */
export function useAskedAnew(about: (event: NodeEvent) => readonly string[] | undefined): void {
  const queries = useQueryClient();
  const { feed } = useNews();
  const now = useRef(about);
  useEffect(() => {
    now.current = about;
  }, [about]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    const wanted = new Set<readonly string[]>();
    const leave = feed?.listen((event) => {
      const key = now.current(event);
      if (key === undefined) return;
      wanted.add(key);
      timer ??= setTimeout(
        () => {
          timer = undefined;
          last = Date.now();
          wanted.forEach((queryKey) => void queries.invalidateQueries({ queryKey }));
          wanted.clear();
        },
        Math.max(SOON_MS, last + STORM_MS - Date.now()),
      );
    });
    return () => {
      clearTimeout(timer);
      leave?.();
    };
  }, [queries, feed]);
}
