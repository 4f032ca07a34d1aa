import type { Problem } from "../api-client/client";
import { useWords } from "./language";
import { Ways } from "./Ways";
import "./refusal.css";

/** What was refused, by which rule, the lawful way instead, and whom to ask (A65). */
export function Refusal({ problem }: { problem: Problem }) {
  const { t, pick } = useWords();
  return (
    <div data-testid="refusal">
      <p>{pick(problem.zh, problem.en)}</p>
      <dl className="refusal">
        <dt>{t("refusal.way")}</dt>
        <dd data-testid="refusal-way">
          {pick(problem.remedy_zh, problem.remedy_en)}
          <Ways code={problem.code} />
        </dd>
        <dt>{t("refusal.rule")}</dt>
        <dd>
          <code data-testid="refusal-rule">{problem.rule}</code> <span className="quiet">{problem.code}</span>
        </dd>
        <dt>{t("refusal.contact")}</dt>
        <dd>{problem.contact}</dd>
      </dl>
      <p className="quiet">{t("refusal.recorded")}</p>
    </div>
  );
}
