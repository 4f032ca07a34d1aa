import { Button } from "antd";
import { useWords } from "../language";
import "./round.css";
import type { RoundWork } from "./use-round";

/** How long a stop was watched, and what can be said of it. */
export function StopActs({ work, size }: { work: RoundWork; size: "large" | "small" }) {
  const { t, pick } = useWords();
  const { watchedS, neededS, enough, problem } = work;
  return (
    <>
      <div className={enough ? "patrol-timer enough" : "patrol-timer"} title={t("patrol.watched.help")}>
        <progress max={neededS} value={Math.min(watchedS, neededS)} aria-label={t("patrol.watched.help")} />
        <span data-testid="watched">{t("patrol.watched", { watched: Math.floor(watchedS), needed: neededS })}</span>
      </div>
      {problem !== undefined && (
        <p className="status-fault" role="alert">
          {pick(problem.zh, problem.en)} · {pick(problem.remedy_zh, problem.remedy_en)}
        </p>
      )}
      <div className="patrol-acts">
        <Button type="primary" size={size} disabled={!enough} loading={work.busy} data-testid="confirm-stop" onClick={work.confirm}>
          {t("patrol.confirm")} <kbd>Enter</kbd>
        </Button>
        <Button size={size} data-testid="write-finding" onClick={work.find}>
          {t("patrol.finding")} <kbd>F</kbd>
        </Button>
        <Button size={size} data-testid="not-possible" onClick={() => work.ask("not-possible")}>
          {t("patrol.notPossible")} <kbd>N</kbd>
        </Button>
      </div>
    </>
  );
}
