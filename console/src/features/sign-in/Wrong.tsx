import type { Problem } from "../../api-client/client";
import { useWords } from "../../ui/language";

/** Why nobody came in, what to do, and of a refusal the rule and whom to ask. */
export function Wrong({ problem }: { problem: Problem }) {
  const { t, pick } = useWords();
  return (
    <div role="alert" data-testid="sign-in-wrong">
      <span className="wrong">{pick(problem.zh, problem.en)}</span>
      <br />
      {pick(problem.remedy_zh, problem.remedy_en)}
      {problem.rule !== undefined && (
        <div className="quiet">
          {t("refusal.rule")} <code>{problem.rule}</code> · {t("refusal.contact")} {problem.contact}
        </div>
      )}
    </div>
  );
}
