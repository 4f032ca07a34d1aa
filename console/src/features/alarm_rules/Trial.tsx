import { Select } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { ActButton } from "../../ui/act";
import { useAlarmWords } from "../../ui/alarm-words";
import { useWords } from "../../ui/language";
import { useTime } from "../../ui/time";
import type { Order } from "./form";

const SPANS = [1, 3, 7] as const;
const DAY_MS = 86_400_000;

/** What the rule would have met in the last days, and what it would have done; nothing is done. */
export function Trial({ order, whole }: { order: Order; whole: boolean }) {
  const { t, pick } = useWords();
  const time = useTime();
  const words = useAlarmWords();
  const [days, setDays] = useState<(typeof SPANS)[number]>(7);
  const [tried, setTried] = useState<{ of: Order; found: Schemas["AlarmRuleTried"] }>();
  const ask = async () => {
    const from = new Date(Date.now() - days * DAY_MS).toISOString();
    const found = await body(api.POST("/api/v1/alarm-rules/dry-run", { body: { rule: order, from } }));
    setTried({ of: order, found });
  };
  const found = tried?.found;
  const said = found && [t("rules.trial.found", { met: found.met, looked: found.looked }), ...(found.upto === null ? [] : [t("rules.trial.upto", { at: time(found.upto) })])];
  return (
    <div className="alarm-rule-trial">
      <div className="alarm-rule-window">
        <Select value={days} aria-label={t("rules.trial")} options={SPANS.map((one) => ({ value: one, label: t("rules.trial.days", { days: one }) }))} onChange={setDays} />
        <ActButton act={ask} disabled={!whole} data-testid="try-rule">
          {t("rules.trial.run")}
        </ActButton>
        {said && <b data-testid="tried">{said.join(" · ")}</b>}
      </div>
      {tried && JSON.stringify(tried.of) !== JSON.stringify(order) && <p className="quiet">{t("rules.trial.old")}</p>}
      <ol data-testid="tried-alarms">
        {found?.items.map(({ alarm, would }) => (
          <li key={alarm.id}>
            <time>{time(alarm.received_at)}</time>
            <span>{words(alarm)}</span>
            <span className="quiet">{would.length === 0 ? t("rules.trial.nothing") : would.map(({ zh, en }) => pick(zh, en)).join(" · ")}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
