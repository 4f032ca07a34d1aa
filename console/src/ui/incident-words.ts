import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, body, type Schemas } from "../api-client/client";
import { useWords } from "./language";

type Lists = Schemas["IncidentLists"];
export type ListName = keyof Lists;
export type Worded = Schemas["Worded"];

/** The closed lists of incidents, in the node's own words. Empty until the node has told them. */
export function useIncidentLists(): Lists {
  const found = useQuery({ queryKey: ["incident-lists"], staleTime: Infinity, retry: false, queryFn: () => body(api.GET("/api/v1/incident-lists")) });
  return found.data ?? { types: [], states: [], dispositions: [], causes: [] };
}

/** What a word of a closed list is called. */
export function useIncidentWords(): (list: ListName, code: string) => string {
  const { pick } = useWords();
  const lists = useIncidentLists();
  return useCallback(
    (list, code) => {
      const found = lists[list].find((one) => one.code === code);
      return found === undefined ? code : pick(found.zh, found.en);
    },
    [lists, pick],
  );
}
