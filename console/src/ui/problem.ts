import { App } from "antd";
import { useCallback } from "react";
import { ApiProblem } from "../api-client/client";
import { useWords } from "./language";

/** Shows what went wrong and what to do. */
export function useTellProblem(): (error: unknown) => void {
  const { notification } = App.useApp();
  const { pick } = useWords();
  return useCallback(
    (error) => {
      if (!(error instanceof ApiProblem)) throw error;
      const { zh, en, remedy_zh, remedy_en } = error.problem;
      notification.error({ title: pick(zh, en), description: pick(remedy_zh, remedy_en), placement: "bottomRight" });
    },
    [notification, pick],
  );
}
