import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, body, type Schemas } from "../../api-client/client";

export type FileField = Schemas["FieldShape"];
export type FileState = Schemas["FileState"];

/** The table of fields that forms and lists are made by. */
export function useFileFields() {
  const found = useQuery({ queryKey: ["fields of files"], staleTime: Infinity, queryFn: () => body(api.GET("/api/v1/device-file-fields")) });
  return useMemo(() => (found.data === undefined ? undefined : { ...found.data, byKey: new Map(found.data.fields.map((one) => [one.key, one])) }), [found.data]);
}
