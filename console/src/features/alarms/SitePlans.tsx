import { Button } from "antd";
import { useState } from "react";
import { useWords } from "../../ui/language";
import { SitePlan, type Plan } from "../../ui/SitePlan";

/** The plan on which the point stands that rings; of the others, their names to choose by. */
export function SitePlans({ alarm, plans }: { alarm: number; plans: readonly Plan[] }) {
  const { t } = useWords();
  const [chosen, setChosen] = useState<string>();
  const ringing = plans.find(({ marks }) => marks.some((one) => one.rings === true));
  const shown = plans.find(({ picture }) => picture === chosen) ?? ringing ?? plans[0];
  if (shown === undefined) return null;
  return (
    <div className="alarm-plans">
      <SitePlan plan={shown} address={`/api/v1/alarms/${alarm}/site/plans/${shown.picture}`} />
      {plans.length > 1 && (
        <div className="alarm-acts">
          {plans.map(({ picture, name }, at) => (
            <Button key={picture} size="small" aria-pressed={picture === shown.picture} type={picture === shown.picture ? "primary" : "default"} onClick={() => setChosen(picture)}>
              {name || t("sites.plan.number", { number: at + 1 })}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}
