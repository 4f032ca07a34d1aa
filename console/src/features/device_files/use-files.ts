import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import type { FileState } from "../../ui/files/fields";

export { useFileFields, type FileField, type FileState } from "../../ui/files/fields";

export type DeviceFile = Schemas["FileShape"];
export type FileIssue = Schemas["IssueShape"];
export type FileRow = Schemas["FileRow"];
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
