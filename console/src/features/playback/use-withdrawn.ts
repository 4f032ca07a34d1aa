import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api, ApiProblem, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import type { Chosen } from "./chosen";
import { STREAMS } from "./streams";

/** Where a camera lies and what it may have recorded, also where it left the catalogue. */
export async function cameraOr(code: string): Promise<{ area: string; streams: readonly string[] }> {
  try {
    return await body(api.GET("/api/v1/cameras/{code}", { params: { path: { code } } }));
  } catch (error) {
    const left = error instanceof ApiProblem && error.problem.code === "camera.withdrawn";
    const found = left ? (await body(api.GET("/api/v1/withdrawn-cameras", { params: { query: { q: code } } }))).items.find((one) => one.code === code) : undefined;
    if (found === undefined) throw error;
    return { area: found.area, streams: STREAMS };
  }
}

/** Cameras that left the catalogue and whose footage is there; looked for by name where they are many. */
export function useWithdrawn() {
  const { t } = useWords();
  const [asked, ask] = useState("");
  const of = (q: string, enabled: boolean) => ({ queryKey: ["withdrawn", q], enabled, retry: false, queryFn: () => body(api.GET("/api/v1/withdrawn-cameras", { params: { query: { q, limit: 500 } } })) });
  const every = useQuery(of("", true)).data;
  const found = useQuery(of(asked, asked !== "")).data;
  const codes = useMemo(() => new Set(every?.items.map((one) => one.code)), [every]);
  return {
    total: every?.total ?? 0,
    items: (asked === "" ? every : found)?.items ?? [],
    asked,
    ask,
    /** Those with their name as such. */
    marked: (cameras: Chosen[]): Chosen[] => (cameras.every((one) => !codes.has(one.code)) ? cameras : cameras.map((one) => (codes.has(one.code) ? { ...one, name: t("playback.withdrawn.name", { name: one.name }) } : one))),
  };
}

export type Withdrawn = ReturnType<typeof useWithdrawn>;
