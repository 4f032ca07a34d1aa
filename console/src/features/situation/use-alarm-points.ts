import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../../api-client/client";
import { isAlarmNews } from "../../ui/alarm-news";
import { whole, type AlarmPoints } from "../../ui/map/alarm-points";
import { useAskedAnew } from "../../ui/use-asked-anew";

const MARKS = ["situation", "alarm-points"];
/** Tests end, hosts fall silent and hours begin by the clock alone. */
const ANEW_MS = 30_000;

/** Every alarm point with a place, how it is and which alarm rings there; undefined while it is not asked for. What does not change is told once. */
export function useAlarmPoints(on: boolean): AlarmPoints | undefined {
  const queries = useQueryClient();
  const found = useQuery({
    queryKey: MARKS,
    enabled: on,
    structuralSharing: false,
    staleTime: ANEW_MS,
    refetchInterval: ANEW_MS,
    queryFn: async ({ signal }) => {
      const before = queries.getQueryData<AlarmPoints>(MARKS);
      return whole(before, await body(api.GET("/api/v1/alarm-point-marks", { signal, params: { query: { known: before?.points ?? "" } } })));
    },
  });
  useAskedAnew((event) => (on && isAlarmNews(event) ? MARKS : undefined));
  return on ? found.data : undefined;
}
