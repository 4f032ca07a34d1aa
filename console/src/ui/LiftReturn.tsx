import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { api, body } from "../api-client/client";
import { useAct } from "./act";
import { useWords } from "./language";
import { useTime } from "./time";

const LOOK_MS = 15_000;

/** While one sees behind the masks of a camera, also of one that left: gives that back before its time. */
export function LiftReturn({ code, inTile = false, onReturned }: { code: string; inTile?: boolean; onReturned?: () => void }) {
  const { t } = useWords();
  const time = useTime();
  const queries = useQueryClient();
  const { busy, act } = useAct();
  const queryKey = ["masks", code];
  const masks = useQuery({ queryKey, retry: false, refetchInterval: LOOK_MS, queryFn: () => body(api.GET("/api/v1/cameras/{code}/masks", { params: { path: { code } } })) });
  const until = masks.data?.lifted_until ?? undefined;
  if (until === undefined) return null;
  const giveBack = async () => {
    if (!(await act(() => api.POST("/api/v1/cameras/{code}/masks/restore", { params: { path: { code } } })))) return;
    await queries.invalidateQueries({ queryKey });
    onReturned?.();
  };
  const looks = { title: t("mask.return.help", { time: time(until) }), disabled: busy, "data-testid": `return-lift-${code}`, onClick: () => void giveBack() };
  if (!inTile)
    return (
      <Button size="small" {...looks}>
        {t("mask.return")}
      </Button>
    );
  return (
    <button className="source" {...looks}>
      {t("mask.return")}
    </button>
  );
}
