import { App } from "antd";
import { useCallback } from "react";
import { ApiProblem, type Problem } from "../api-client/client";
import { useWords } from "./language";
import { Refusal } from "./Refusal";

/** Shows what went wrong and what to do. A refusal is a dialog with the rule and the lawful way: it is not to be overlooked. */
export function useTellProblem(): (error: unknown) => void {
  const { notification, modal } = App.useApp();
  const { t, pick } = useWords();
  return useCallback(
    (error) => {
      if (!(error instanceof ApiProblem)) throw error;
      const { zh, en, remedy_zh, remedy_en } = error.problem;
      if (isRefusal(error.problem)) {
        modal.warning({ title: t("refusal.title"), content: <Refusal problem={error.problem} />, okText: t("refusal.close"), width: 520, maskClosable: true });
        return;
      }
      notification.error({ title: pick(zh, en), description: pick(remedy_zh, remedy_en), placement: "bottomRight" });
    },
    [notification, modal, t, pick],
  );
}

/** Whether a rule stands against it, not a fault. */
export function isRefusal(problem: Problem): boolean {
  return (problem.rule ?? "") !== "";
}
