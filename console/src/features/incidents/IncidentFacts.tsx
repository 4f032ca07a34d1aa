import { Link } from "@tanstack/react-router";
import { useIncidentWords } from "../../ui/incident-words";
import { useWords } from "../../ui/language";
import type { TextKey } from "../../ui/texts";
import { useTime } from "../../ui/time";
import type { Details } from "./incident";

/** What is known of the incident. */
export function IncidentFacts({ incident }: { incident: Details }) {
  const { t } = useWords();
  const time = useTime();
  const words = useIncidentWords();
  const { longitude, latitude, merged_into: into, disposition, cause } = incident;
  const facts: [TextKey, React.ReactNode][] = [
    ["incidents.number", incident.number],
    ["incidents.owner", incident.owner?.name ?? <span className="doubtful">{t("incidents.owner.none")}</span>],
    ["incidents.area", incident.area_name],
    ["incidents.place", incident.place],
    ["incidents.position", longitude === null || latitude === null ? <span className="doubtful">{t("incidents.position.none")}</span> : `${longitude.toFixed(6)}, ${latitude.toFixed(6)}`],
    ["incidents.opened", t("incidents.opened.by", { at: time(incident.opened_at), name: incident.opened_by })],
    ["incidents.disposition", disposition === null ? "" : [disposition, ...incident.also].map((one) => words("dispositions", one)).join(" · ")],
    ["incidents.cause", cause === null ? "" : words("causes", cause)],
    ["incidents.mergedInto", into === null ? "" : <Link to="/incidents" search={{ id: into.id }}>{into.number}</Link>],
    ["incidents.parts", incident.parts.length === 0 ? "" : incident.parts.map((one) => <Link key={one.id} className="incident-part" to="/incidents" search={{ id: one.id }}>{one.number}</Link>)],
  ];
  return (
    <section className="incident-card" data-testid="incident-facts">
      {incident.text !== "" && <p className="incident-words">{incident.text}</p>}
      <dl className="facts incident-facts">
        {facts.map(
          ([name, fact]) =>
            fact !== "" && (
              <div key={name}>
                <dt>{t(name)}</dt>
                <dd>{fact}</dd>
              </div>
            ),
        )}
      </dl>
    </section>
  );
}
