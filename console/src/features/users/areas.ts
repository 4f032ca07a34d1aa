import { useQuery } from "@tanstack/react-query";
import { api, body } from "../../api-client/client";

export { areaTree, useDivisions, type Division } from "../../ui/divisions";

export function usePosts() {
  return useQuery({ queryKey: ["posts"], staleTime: Infinity, queryFn: () => body(api.GET("/api/v1/posts")) });
}

export function useUnits() {
  return useQuery({ queryKey: ["units"], queryFn: () => body(api.GET("/api/v1/organisations")) });
}
