import { useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useAct } from "./act";
import { useWords } from "./language";

/** Sends a request and says that somebody else must approve it. */
export function useAsk(): (call: () => Promise<unknown>) => Promise<boolean> {
  const { t } = useWords();
  const { notification } = App.useApp();
  const { act } = useAct();
  const queries = useQueryClient();
  return (call) =>
    act(async () => {
      await call();
      notification.success({ title: t("mask.asked"), description: t("mask.asked.help"), placement: "bottomRight" });
      void queries.invalidateQueries({ queryKey: ["approvals"] });
    });
}
