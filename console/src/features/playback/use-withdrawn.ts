import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import type { Chosen } from "./chosen";
import { STREAMS } from "./streams";

/** Where a camera lies and what it may have recorded; where it left the catalogue, or one's area for another, as it was there. */
export async function cameraOr(code: string): Promise<{ area: string; streams: readonly string[] }> {
  const { items } = await body(api.GET("/api/v1/withdrawn-cameras", { params: { query: { q: code } } }));
  const left = items.find((one) => one.code === code);
  return left === undefined ? body(api.GET("/api/v1/cameras/{code}", { params: { path: { code } } })) : { area: left.area, streams: STREAMS };
}

function usePages(q: string, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ["withdrawn", q],
    enabled,
    retry: false,
    initialPageParam: "",
    queryFn: ({ pageParam }) => body(api.GET("/api/v1/withdrawn-cameras", { params: { query: { q, limit: 200, cursor: pageParam } } })),
    getNextPageParam: (last) => last.next ?? undefined,
  });
}

type Pages = ReturnType<typeof usePages>;

/** Cameras that left the catalogue and whose footage is there; looked for by name where they are many. */
export function useWithdrawn() {
  const { t } = useWords();
  const [asked, ask] = useState("");
  const every = usePages("", true);
  const found = usePages(asked, asked !== "");
  const shown = asked === "" ? every : found;
  const total = (of: Pages) => of.data?.pages[0]?.total ?? 0;
  const codes = useMemo(() => new Set(every.data?.pages.flatMap((page) => page.items.map((one) => one.code))), [every.data]);
  return {
    total: total(every),
    items: shown.data?.pages.flatMap((page) => page.items) ?? [],
    /** How many fit what is asked. */
    fitting: total(shown),
    /** Shows the next of them; undefined: there are no more. */
    more: shown.hasNextPage ? () => void shown.fetchNextPage() : undefined,
    asked,
    ask,
    /** Those with their name as such. */
    marked: (cameras: Chosen[]): Chosen[] => (cameras.every((one) => !codes.has(one.code)) ? cameras : cameras.map((one) => (codes.has(one.code) ? { ...one, name: t("playback.withdrawn.name", { name: one.name }) } : one))),
  };
}

export type Withdrawn = ReturnType<typeof useWithdrawn>;
