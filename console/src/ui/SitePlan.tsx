import type { ReactNode } from "react";
import type { Schemas } from "../api-client/client";
import { useWords } from "./language";
import "./site.css";

export type Plan = Schemas["SitePlan"];
type Mark = Plan["marks"][number];

const percent = (share: number) => `${100 * share}%`;
/** Where a mark is drawn. Pure. */
export const placed = ({ x, y }: Pick<Mark, "x" | "y">) => ({ left: percent(x), top: percent(y) });

/** Its name stands on the side that has room. Pure. */
export const markClass = (x: number, stands: boolean | undefined) => `plan-mark${stands === true ? " rings" : ""}${x > 0.6 ? " left" : ""}`;

/** A floor plan with its points; the one that rings stands out. */
export function SitePlan({ plan, address }: { plan: Plan; address: string }) {
  const { t } = useWords();
  const rings = plan.marks.filter((one) => one.rings === true);
  const said = rings.length === 0 ? plan.name : t("sites.plan.rings", { name: plan.name, point: rings.map((one) => one.name).join(" · ") });
  return (
    <PlanPicture address={address} label={said || t("sites.plans")}>
      {plan.marks.map((one) => (
        <span key={`${one.account} ${one.zone}`} className={markClass(one.x, one.rings)} style={placed(one)} title={one.name} data-testid={`plan-mark-${one.account}-${one.zone}`} data-rings={one.rings === true}>
          <b>{one.name}</b>
        </span>
      ))}
    </PlanPicture>
  );
}

/** The picture alone, with what is drawn over it. */
export function PlanPicture({ address, label, children, onPoint }: { address: string; label: string; children: ReactNode; onPoint?: (x: number, y: number) => void }) {
  return (
    <div
      className="site-plan"
      data-testid="site-plan"
      onClick={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        onPoint?.((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
      }}
    >
      <img src={address} alt={label} draggable={false} />
      {children}
    </div>
  );
}
