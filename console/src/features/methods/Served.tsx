import { Link } from "@tanstack/react-router";
import { useIncidentWords } from "../../ui/incident-words";
import { useWords } from "../../ui/language";
import { useTime } from "../../ui/time";
import { everyMonth, type Method } from "./form";

/** The incidents that it served, as far as the reader may see them: by month, and the newest by name. */
export function Served({ method }: { method: Method }) {
  const { t } = useWords();
  const time = useTime();
  const words = useIncidentWords();
  const months = everyMonth(method.months);
  const most = Math.max(1, ...months.map(({ count }) => count));
  return (
    <div className="method-part" data-testid="method-served">
      <h3>{[t("methods.served.title"), t("methods.served", { count: method.served })].join(" · ")}</h3>
      {method.served === 0 && <p className="quiet">{t("methods.served.none")}</p>}
      {months.length > 0 && (
        <ol className="method-months" aria-label={t("methods.served.months")}>
          {months.map(({ month, count }) => (
            <li key={month}>
              <span>{month}</span>
              <span className="bar" aria-hidden>
                <i style={{ width: `${(100 * count) / most}%` }} />
              </span>
              <b>{count}</b>
            </li>
          ))}
        </ol>
      )}
      <ul className="method-incidents">
        {method.incidents.map((one) => (
          <li key={one.incident}>
            <Link to="/incidents" search={{ id: one.incident }}>
              {one.number}
            </Link>
            <span className="quiet">{[words("types", one.type), time(one.opened_at), one.by].join(" · ")}</span>
            {one.note !== "" && <p>{one.note}</p>}
          </li>
        ))}
      </ul>
      {method.served > method.incidents.length && <p className="quiet">{t("methods.served.more", { count: method.incidents.length })}</p>}
    </div>
  );
}
