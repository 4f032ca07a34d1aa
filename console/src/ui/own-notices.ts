import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body, type Schemas } from "../api-client/client";
import { useNews } from "./news";
import { useMay } from "./signed-in";

export type OwnNotice = Schemas["OwnNotice"];
/** Asked again so often beside the news; and where no news come, as to whoever is on patrol. */
const BESIDE_MS = 15_000;
const ALONE_MS = 3_000;
const KEY = ["notices"];

/** What rules told the viewer, and they have not acknowledged; the most urgent first. */
export function useOwnNotices(): OwnNotice[] {
  const may = useMay();
  const { feed } = useNews();
  const enabled = may("take-duty") || may("read-duty-log") || may("go-on-patrol");
  const found = useQuery({ queryKey: KEY, enabled, retry: false, networkMode: "always", refetchInterval: feed === undefined ? ALONE_MS : BESIDE_MS, refetchIntervalInBackground: true, queryFn: () => body(api.GET("/api/v1/notices")) });
  return found.isError && found.data === undefined ? [] : (found.data?.items ?? []);
}

/** Says that the viewer has read it. */
export function useAcknowledge(): (id: number) => Promise<void> {
  const queries = useQueryClient();
  return async (id) => {
    await api.POST("/api/v1/notices/{notice_id}/acknowledgement", { params: { path: { notice_id: id } } });
    await queries.invalidateQueries({ queryKey: KEY });
  };
}
