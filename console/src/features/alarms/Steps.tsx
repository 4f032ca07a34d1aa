import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import type { TextKey } from "../../ui/texts";
import { useTime } from "../../ui/time";
import { askedSteps, stepsKey, type Step } from "./acts";
import { FALSE_REASONS, OUTCOMES, SHELF_REASONS } from "./work";

/** What was done with the alarm, by whom and when, the oldest first. `version`: of the alarm, as it is read anew when somebody did something; `told`: whom rules told of it. */
export function Steps({ id, version, told }: { id: number; version: number; told?: ReactNode }) {
  const { t } = useWords();
  const time = useTime();
  const found = useQuery({ queryKey: [...stepsKey(id), version], retry: false, queryFn: () => askedSteps(id), placeholderData: keepPreviousData });
  return (
    <section className="alarm-steps" data-testid="alarm-steps" tabIndex={0} aria-label={t("alarms.steps")}>
      <h2>{t("alarms.steps")}</h2>
      {told}
      {found.isError && <Refused error={found.error} />}
      {found.data?.items.length === 0 && <p className="none">{t("alarms.steps.none")}</p>}
      <ol>
        {found.data?.items.map((one, at) => (
          <li key={at} data-testid={`step-${one.act}`}>
            <time>{time(one.at).slice("2026-11-29 ".length)}</time>
            <b>{t(`alarms.step.${one.act}` as TextKey)}</b>
            <span>{[one.who || t("alarms.byNode"), detailOf(one, t)].filter((word) => word !== "").join(" · ")}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

const SAID: Record<string, TextKey> = {
  ...Object.fromEntries((["real", "false", "unclear"] as const).map((one) => [one, `alarms.result.${one}` as const])),
  ...Object.fromEntries(FALSE_REASONS.map((one) => [one, `alarms.reason.${one}` as const])),
  ...Object.fromEntries(OUTCOMES.map((one) => [one, `alarms.outcome.${one}` as const])),
  ...Object.fromEntries(SHELF_REASONS.map((one) => [one, `alarms.shelve.reason.${one}` as const])),
  answered: "procedures.outcome.answered",
  skipped: "procedures.outcome.skipped",
  claim: "alarms.step.claim",
  verify: "alarms.step.verify",
  close: "alarms.step.close",
};

/** Words of the closed lists in the reader's language, what somebody wrote as it is. */
function detailOf({ detail }: Step, t: ReturnType<typeof useWords>["t"]): string {
  return detail
    .split("; ")
    .map((word) => {
      const said = SAID[word];
      return said === undefined ? word : t(said);
    })
    .join(" · ");
}
