import { useWords } from "../../ui/language";
import type { Task } from "./steps";
import type { Steps } from "./use-steps";

/** What of one's steps the desk does not have: those that wait, and the one that was refused. */
export function KeptSteps({ steps: { kept, notTaken, putAway }, task }: { steps: Steps; task: Task | null }) {
  const { t, pick } = useWords();
  return (
    <>
      {kept.length > 0 && (
        <div className="notice" role="status" data-testid="patrol-kept" data-count={kept.length}>
          <b>{t("patrol.own.kept", { count: kept.length })}</b> {task !== null && t("patrol.own.kept.help", { state: t(`task.state.${task.state}`) })}
        </div>
      )}
      {notTaken !== undefined && (
        <div className="notice patrol-refused" role="alert" data-testid="patrol-refused">
          <span>{t("patrol.own.refused", { step: notTaken.kept.step === "refuse" ? t("patrol.own.refuse") : t(`patrol.own.do.${notTaken.kept.step}`), why: pick(notTaken.problem.zh, notTaken.problem.en) })}</span>
          <button type="button" onClick={putAway}>{t("patrol.own.putAway")}</button>
        </div>
      )}
    </>
  );
}
