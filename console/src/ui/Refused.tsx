import { Result } from "antd";
import type { ReactNode } from "react";
import { ApiProblem } from "../api-client/client";
import { useWords } from "./language";
import { isRefusal } from "./problem";
import { Refusal } from "./Refusal";
import "./refusal.css";

/** A page that cannot be shown: why, and what to do. Anything but the node's own refusal is a fault of ours. */
export function Refused({ error, extra }: { error: Error; extra?: ReactNode }) {
  const { t, pick } = useWords();
  if (!(error instanceof ApiProblem)) throw error;
  const { zh, en, remedy_zh, remedy_en } = error.problem;
  if (isRefusal(error.problem)) {
    return (
      <Result status="warning" title={t("refusal.title")} extra={extra}>
        <div className="refusal-page">
          <Refusal problem={error.problem} />
        </div>
      </Result>
    );
  }
  return <Result status="warning" title={pick(zh, en)} subTitle={pick(remedy_zh, remedy_en)} extra={extra} />;
}
