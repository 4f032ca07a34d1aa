import { Fragment } from "react";
import { useWords } from "../../ui/language";
import { rowsOf, type Details as Said } from "./details";

/** What else its device says of a camera (GB/T 28181 A.2.1.2). */
export function Details({ details, ptzType }: { details: Said; ptzType: number }) {
  const { t, gap } = useWords();
  const rows = rowsOf(details, ptzType, t);
  return (
    <section className="card" data-testid="camera-details">
      <h3>{t("details.title")}</h3>
      <p className="hint" style={{ padding: "0 0 8px" }}>
        {rows.length === 0 ? t("details.none") : t("details.help")}
        {gap}
        {details.withheld && t("details.withheld")}
      </p>
      <dl className="facts">
        {rows.map(([label, text]) => (
          <Fragment key={label}>
            <dt>{t(label)}</dt>
            <dd>{text}</dd>
          </Fragment>
        ))}
      </dl>
      {details.unreadable.length > 0 && (
        <p className="hint" style={{ padding: "8px 0 0" }} data-testid="details-unreadable">
          {t("details.unreadable", { names: details.unreadable.join(", ") })}
        </p>
      )}
    </section>
  );
}
