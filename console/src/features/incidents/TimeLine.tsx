import { Button } from "antd";
import { useMemo, useState } from "react";
import { useAct } from "../../ui/act";
import { useIncidentWords } from "../../ui/incident-words";
import { useWords } from "../../ui/language";
import { useTime } from "../../ui/time";
import { askedIncident, type Details, type Line } from "./incident";
import { factsOf } from "./line-facts";
import { NoteField } from "./NoteField";
import { TaskPhoto } from "./TaskPhoto";
import type { IncidentActs } from "./use-incident-acts";

/** The node tells so many lines at once. */
const MOST_LINES = 1_000;

/** What happened and what was done, the newest line first: written once, changed by nobody. */
export function TimeLine({ incident, acts }: { incident: Details; acts: IncidentActs }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const [earlier, setEarlier] = useState<readonly Line[]>([]);
  const [more, setMore] = useState(incident.lines.length >= MOST_LINES);
  const lines = useMemo(() => {
    const known = new Map([...earlier, ...incident.lines].map((line) => [line.ordinal, line]));
    return [...known.values()].sort((one, other) => other.ordinal - one.ordinal);
  }, [earlier, incident.lines]);
  const readOn = () =>
    act(async () => {
      const { lines: before } = await askedIncident(incident.id, lines.at(-1)?.ordinal);
      setEarlier((old) => [...before, ...old]);
      setMore(before.length >= MOST_LINES);
    });
  return (
    <section className="incident-card incident-timeline" aria-label={t("incidents.timeline")} data-testid="incident-timeline">
      <h2>{t("incidents.timeline")}</h2>
      {acts.may.has("note") && <NoteField incident={incident} acts={acts} />}
      <ol>
        {lines.map((line) => (
          <TimeLineLine key={line.ordinal} line={line} />
        ))}
      </ol>
      {more && (
        <Button type="text" block loading={busy} onClick={() => void readOn()}>
          {t("incidents.timeline.earlier")}
        </Button>
      )}
    </section>
  );
}

function TimeLineLine({ line }: { line: Line }) {
  const { t } = useWords();
  const time = useTime();
  const words = useIncidentWords();
  const moved = line.before !== null && line.before !== line.after ? `${words("states", line.before)} → ${words("states", line.after)}` : "";
  const facts = factsOf(line, words, t);
  return (
    <li className={`line-${line.kind}`} data-testid={`line-${line.kind}`}>
      <time>{time(line.at)}</time>
      <div>
        <b>{t(`incident.line.${line.kind}`)}</b>
        {typeof line.facts["photo"] === "string" && (
          <TaskPhoto task={Number(line.facts["task"])} photo={line.facts["photo"]} />
        )}
        {facts !== "" && <span className="facts-said">{facts}</span>}
        {moved !== "" && <span className="moved">{moved}</span>}
        <span className="by">{line.by.name || t("incidents.byNode")}</span>
        {line.text !== "" && <p>{line.text}</p>}
      </div>
    </li>
  );
}
