import { useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useWords } from "./language";
import { useTellProblem } from "./problem";

/** Sends a request and says that somebody else must approve it. */
export function useAsk(): (call: Promise<unknown>) => Promise<boolean> {
  const { t } = useWords();
  const { notification } = App.useApp();
  const tell = useTellProblem();
  const queries = useQueryClient();
  return (call) =>
    call.then(
      () => {
        notification.success({ title: t("mask.asked"), description: t("mask.asked.help"), placement: "bottomRight" });
        void queries.invalidateQueries({ queryKey: ["approvals"] });
        return true;
      },
      (error: unknown) => {
        tell(error);
        return false;
      },
    );
}
