import type { Schemas } from "../../api-client/client";
import { span } from "../../ui/figures";
import { useWords } from "../../ui/language";
import { useShortTime } from "../../ui/time";

type Figures = Schemas["ShiftFiguresShape"];
const VERDICTS = ["real", "false", "unclear"] as const;

/** What came and what was done during a shift, by all who sat there together: as it was when the seat was offered. */
export function ShiftFigures({ figures }: { figures: Figures }) {
  const { t } = useWords();
  const time = useShortTime();
  const verified = VERDICTS.reduce((sum, one) => sum + figures[one], 0);
  const counts = [
    [t("figures.alarms"), t("figures.alarms.said", { came: figures.came, taken: figures.taken })],
    [t("figures.claim"), tookOf(figures.claim)],
    [t("figures.verify"), tookOf(figures.verify)],
    [t("figures.incidents"), t("figures.turned", { in: figures.opened, out: figures.closed })],
    [t("figures.tasks"), t("figures.sent", { in: figures.sent, out: figures.done })],
    [t("figures.watched"), String(figures.watched)],
  ] as const;
  return (
    <section className="shift-figures" aria-label={t("figures.ofShift")} data-testid="shift-figures">
      <h3>
        {t("figures.ofShift")} <span className="quiet">{[time(figures.since), time(figures.until)].join(" – ")}</span>
      </h3>
      <dl>
        {counts.map(([name, said]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{said}</dd>
          </div>
        ))}
        <div className="verdicts">
          <dt>{t("figures.verified", { count: verified })}</dt>
          <dd>
            <span className="verdict-bar" aria-hidden>
              {VERDICTS.map((one) => figures[one] > 0 && <i key={one} className={`verdict-${one}`} style={{ flexGrow: figures[one] }} />)}
            </span>
            <span>{VERDICTS.map((one) => t(`figures.${one}`, { count: figures[one] })).join(" · ")}</span>
          </dd>
        </div>
      </dl>
    </section>
  );
}

/** Half of all, and 95 of a hundred, no longer than that. */
function tookOf(took: Figures["claim"]): string {
  return took === null ? "–" : `${span(took.median_s)} / ${span(took.late_s)}`;
}
