import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";

export type DeviceFile = Schemas["FileShape"];
export type FileField = Schemas["FieldShape"];
export type FileIssue = Schemas["IssueShape"];
export type FileRow = Schemas["FileRow"];
export type FileState = Schemas["FileState"];
export type Values = Record<string, string>;

export interface FileFilter {
  area?: string;
  state?: FileState;
  failing?: string;
  waiting?: boolean;
  q?: string;
}

const TYPING_MS = 300;
const PAGE = 100;

/** The table of fields that forms and lists are made by. */
export function useFileFields() {
  const found = useQuery({ queryKey: ["file-fields"], staleTime: Infinity, queryFn: () => body(api.GET("/api/v1/device-file-fields")) });
  return useMemo(() => (found.data === undefined ? undefined : { ...found.data, byKey: new Map(found.data.fields.map((one) => [one.key, one])) }), [found.data]);
}

/** Files within a filter, a page at a time. */
export function useFilePages(filter: FileFilter) {
  return useInfiniteQuery({
    queryKey: ["files", filter],
    initialPageParam: "",
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam }) => body(api.GET("/api/v1/device-files", { params: { query: { ...filter, cursor: pageParam, limit: PAGE } } })),
    getNextPageParam: (last) => last.next ?? undefined,
  });
}

/** One file. */
export function useDeviceFile(code: string) {
  return useQuery({ queryKey: ["files", "one", code], retry: false, queryFn: () => body(api.GET("/api/v1/device-files/{code}", { params: { path: { code } } })) });
}

/** What the node says of values as they are typed, a moment after the last key. */
export function useChecked(code: string, values: Values, wanted: boolean) {
  const [asked, setAsked] = useState(values);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(values), TYPING_MS);
    return () => clearTimeout(timer);
  }, [values]);
  return useQuery({
    queryKey: ["file-check", code, asked],
    enabled: wanted,
    retry: false,
    gcTime: 10_000,
    placeholderData: keepPreviousData,
    queryFn: () => body(api.POST("/api/v1/device-file-checks", { body: { code, values: asked } })),
  });
}
