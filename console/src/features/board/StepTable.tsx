import type { Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Priority, type AlarmPriority } from "../../ui/Priority";
import { stopwatch } from "../../ui/stopwatch";

type Step = Schemas["StepTimes"];
const STEPS: Step["step"][] = ["seen", "verified", "assigned", "accepted", "arrived", "closed"];
const PRIORITIES = [1, 2, 3] as const;
/** Of all, so many are to be in time. */
const ENOUGH = 0.9;

/** How long each step took against its time, by priority. */
export function StepTable({ steps }: { steps: readonly Step[] }) {
  const { t } = useWords();
  const shown = STEPS.filter((step) => steps.some((one) => one.step === step));
  return (
    <section className="card board-steps" data-testid="board-steps">
      <h3>
        {t("board.steps")} <span className="quiet">{t("board.steps.help")}</span>
      </h3>
      {shown.length === 0 ? <p className="hint">{t("board.steps.none")}</p> : (
        <table>
          <thead>
            <tr>
              <th scope="col">{t("board.step")}</th>
              {PRIORITIES.map((priority) => (
                <th key={priority} scope="col">
                  <Priority priority={priority satisfies AlarmPriority} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((step) => (
              <tr key={step}>
                <th scope="row" title={t(`board.step.${step}.help`)}>
                  {t(`board.step.${step}`)}
                </th>
                {PRIORITIES.map((priority) => (
                  <Cell key={priority} one={steps.find((one) => one.step === step && one.priority === priority)} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Cell({ one }: { one: Step | undefined }) {
  const { t } = useWords();
  if (one === undefined) return <td className="quiet">–</td>;
  const late = one.within !== null && one.within < ENOUGH;
  const told = [t("board.wait.late", { late: stopwatch(one.late_s * 1000) }), one.limit_s === null || one.within === null ? "" : t("board.wait.within", { share: Math.round(one.within * 100), limit: stopwatch(one.limit_s * 1000) }), t("board.wait.number", { count: one.number })];
  return (
    <td data-testid={`step-${one.step}-${one.priority}`} data-median={one.median_s}>
      <b className={late ? "unmet" : ""}>
        {late && <span aria-hidden>▲ </span>}
        {stopwatch(one.median_s * 1000)}
      </b>
      <span className="quiet">{told.filter((part) => part !== "").join(" · ")}</span>
    </td>
  );
}
