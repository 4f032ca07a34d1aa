import { useQuery } from "@tanstack/react-query";
import { api, body, type Schemas } from "../api-client/client";

export type Division = Schemas["DivisionShape"];

export interface AreaNode {
  value: string;
  title: string;
  children: AreaNode[];
}

/** The divisions as a tree; one whose parent is not in the list stands at the top. */
export function areaTree(divisions: Division[], everywhere: string | undefined): AreaNode[] {
  const nodes = new Map(divisions.map((one) => [one.code, { value: one.code, title: `${one.name} ${one.code}`, children: [] as AreaNode[] }]));
  const top: AreaNode[] = [];
  for (const one of divisions) {
    const node = nodes.get(one.code);
    if (node !== undefined) (nodes.get(one.parent)?.children ?? top).push(node);
  }
  return everywhere === undefined ? top : [{ value: "", title: everywhere, children: top }];
}

/** The areas where the signed-in administrator keeps people or devices. */
export function useDivisions() {
  return useQuery({ queryKey: ["divisions"], staleTime: Infinity, queryFn: () => body(api.GET("/api/v1/divisions")) });
}
