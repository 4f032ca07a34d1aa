import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, body } from "../../api-client/client";
import { useRested } from "../../ui/tree/camera-pages";
import { isShown, within, WORLD, type Points, type Shown } from "../../ui/map/points";

/** The node gives so many at once, the best first. */
const MOST = 500;
const NONE: readonly number[] = [];

/** Places of the cameras that a text finds: at once those whose name or code holds it, then what the node finds by pinyin, initials, tag and area. */
export function useFound(points: Points | undefined, shown: Shown, text: string): readonly number[] {
  const wanted = text.trim().toLowerCase();
  const q = useRested(wanted);
  const asked = useQuery({
    queryKey: ["cameras", "names", "map", q],
    queryFn: ({ signal }) => body(api.GET("/api/v1/camera-names", { params: { query: { q, limit: MOST } }, signal })),
    enabled: q !== "",
    staleTime: 15_000,
  });
  const finds = q === wanted ? asked.data?.items : undefined;
  const known = useMemo(() => new Map(finds === undefined ? [] : points?.codes.map((code, at) => [code, at])), [points?.codes, finds]);
  return useMemo(() => {
    if (points === undefined || wanted === "") return NONE;
    const here = within(points, shown, WORLD).filter((at) => points.names[at]?.toLowerCase().includes(wanted) === true || points.codes[at]?.includes(wanted) === true);
    const more = (finds ?? []).flatMap(({ code }) => known.get(code) ?? []).filter((at) => isShown(points, at, shown));
    return [...new Set([...here, ...more])];
  }, [points, shown, wanted, finds, known]);
}
