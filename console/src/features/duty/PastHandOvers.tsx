import { useQuery } from "@tanstack/react-query";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useTime } from "../../ui/time";
import type { Centre } from "./seats";
import { ShiftFigures } from "./ShiftFigures";

/** Who handed which seat to whom, and what the successor acknowledged. */
export function PastHandOvers({ centre }: { centre: Centre }) {
  const { t } = useWords();
  const time = useTime();
  const found = useQuery({ queryKey: ["duty", "handovers", centre.id], retry: false, queryFn: () => body(api.GET("/api/v1/duty/centres/{centre}/handovers", { params: { path: { centre: centre.id } } })) });
  const items = found.data?.items ?? [];
  return (
    <section className="card" data-testid="handovers">
      <h2>{t("passed.title")}</h2>
      {items.length === 0 && !found.isPending && <p className="quiet">{t("passed.none")}</p>}
      <ul className="passed">
        {items.map((one) => (
          <li key={one.id}>
            <b>{t("passed.line", { seat: one.seat, from: one.from_name, to: one.to_name })}</b> <time className="quiet">{time(one.accepted_at)}</time>
            <div className="quiet">{t("passed.known", { orders: one.orders, entry: one.entry, down: one.down_in_all })}</div>
            {one.figures !== null && <ShiftFigures figures={one.figures} />}
            {one.remarks !== "" && <div className="difference-text">{one.remarks}</div>}
          </li>
        ))}
      </ul>
    </section>
  );
}
