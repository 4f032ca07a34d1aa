import { useIncidentWords } from "../../ui/incident-words";
import { useWords } from "../../ui/language";
import { ProcedurePanel } from "../../ui/procedure/ProcedurePanel";
import { Priority } from "../../ui/Priority";
import { Refused } from "../../ui/Refused";
import { stopwatch } from "../../ui/stopwatch";
import { useNodeNow } from "../../ui/use-node-now";
import { Alarms } from "./Alarms";
import { IncidentActBar } from "./IncidentActBar";
import { IncidentDialogs } from "./IncidentDialogs";
import { IncidentFacts } from "./IncidentFacts";
import { isOpen, openedMs, placeOf, priorityOf, type Details } from "./incident";
import { MethodsUsed } from "./MethodsUsed";
import { Tasks } from "./Tasks";
import { TimeLine } from "./TimeLine";
import type { IncidentActs } from "./use-incident-acts";
import { Watches } from "./Watches";

interface Props {
  id: number | undefined;
  /** Undefined until the node has told of it. */
  incident: Details | undefined;
  error: Error | null;
  acts: IncidentActs;
}

/** The incident that is worked on: what it is, what belongs to it, what was done. */
export function ChosenIncident({ id, incident, error, acts }: Props) {
  const { t } = useWords();
  return (
    <section className="incident-chosen" aria-label={t("incidents.chosen")} data-testid="incident-chosen" data-incident={id} data-state={incident?.state}>
      {id === undefined ? <div className="hint">{t("incidents.choose")}</div> : incident !== undefined ? <Worked key={incident.id} incident={incident} acts={acts} /> : error !== null ? <Refused error={error} /> : <div className="hint">{t("loading")}</div>}
    </section>
  );
}

function Worked({ incident, acts }: { incident: Details; acts: IncidentActs }) {
  const { t } = useWords();
  const words = useIncidentWords();
  const now = useNodeNow();
  return (
    <>
      <header className="incident-head">
        <Priority priority={priorityOf(incident)} />
        <h1>{words("types", incident.type)}</h1>
        <span className="where">{placeOf(incident)}</span>
        <b className="incident-state" data-testid="chosen-state">
          {words("states", incident.state)}
        </b>
        {isOpen(incident) && (
          <time className="age" title={t("incidents.age")}>
            {stopwatch(now - openedMs(incident))}
          </time>
        )}
      </header>
      <IncidentActBar acts={acts} owner={incident.owner?.name} />
      <ProcedurePanel about={{ kind: "incident", id: incident.id }} works={acts.may.has("note") && isOpen(incident)} />
      <div className="incident-body">
        <div>
          <IncidentFacts incident={incident} />
          <MethodsUsed incident={incident} acts={acts} />
          <Tasks incident={incident} acts={acts} />
          <Alarms incident={incident} acts={acts} />
          <Watches incident={incident} acts={acts} />
        </div>
        <TimeLine incident={incident} acts={acts} />
      </div>
      <IncidentDialogs incident={incident} acts={acts} />
    </>
  );
}
