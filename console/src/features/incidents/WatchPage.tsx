import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ApiProblem, api, body, type Schemas } from "../../api-client/client";
import { useIncidentWords } from "../../ui/incident-words";
import { useWords } from "../../ui/language";
import { WatchTile } from "../../ui/player/WatchTile";
import { Priority } from "../../ui/Priority";
import { Refused } from "../../ui/Refused";
import { stopwatch } from "../../ui/stopwatch";
import { useTime } from "../../ui/time";
import { useNodeNow } from "../../ui/use-node-now";
import { askedIncident, openedMs, placeOf, priorityOf, type Details } from "./incident";
import { askedTasks, isRunning, type Task } from "./task";
import { TaskCard } from "./TaskCard";
import { TimeLine } from "./TimeLine";
import { UnitMap } from "./UnitMap";
import { WATCHING } from "./watch";
import "./incidents.css";
import "./watch.css";

/** Asked again so often: what is shown ends with the watch. */
const EVERY_MS = 3_000;
type Own = Schemas["OwnIncidentWatch"];

/** One incident to be watched by whom its leader gave it: live, map, units, clocks and time line. Nothing here changes anything. */
export function WatchPage({ id }: { id: number }) {
  const { t } = useWords();
  const watch = useQuery({ queryKey: ["watch", id, "own"], refetchInterval: EVERY_MS, retry: false, queryFn: () => body(api.GET("/api/v1/incidents/{incident_id}/watch", { params: { path: { incident_id: id } } })) });
  const over = watch.error instanceof ApiProblem && [401, 403, 404].includes(watch.error.problem.status);
  const holds = watch.data !== undefined && !over;
  const incident = useQuery({ queryKey: ["watch", id, "incident"], enabled: holds, refetchInterval: EVERY_MS, retry: false, queryFn: () => askedIncident(id) });
  if (watch.error !== null && (over || watch.data === undefined)) {
    return (
      <div data-testid="watch-over">
        <Refused error={watch.error} />
      </div>
    );
  }
  if (watch.data === undefined || incident.data === undefined) return incident.error !== null ? <Refused error={incident.error} /> : <div className="hint">{t("loading")}</div>;
  return <Watched own={watch.data} incident={incident.data} away={watch.isRefetchError || incident.isRefetchError} />;
}

function Watched({ own, incident, away }: { own: Own; incident: Details; away: boolean }) {
  const { t } = useWords();
  const time = useTime();
  const words = useIncidentWords();
  const now = useNodeNow();
  const tasks = useQuery({ queryKey: ["watch", incident.id, "tasks"], refetchInterval: EVERY_MS, retry: false, queryFn: () => askedTasks(incident.id) }).data?.items ?? [];
  return (
    <div className="watch" data-testid="watch" data-incident={incident.id} data-state={incident.state}>
      <header className="incident-head">
        <Priority priority={priorityOf(incident)} />
        <h1>{words("types", incident.type)}</h1>
        <span className="where">{placeOf(incident)}</span>
        <b className="incident-state">{words("states", incident.state)}</b>
        <time className="age" title={t("incidents.age")}>{stopwatch(now - openedMs(incident))}</time>
        <span className="watch-only" data-testid="watch-only">{t("watch.only", { until: time(own.until).slice(0, -3), name: own.made_by })}</span>
      </header>
      {away && <p className="notice" role="alert" data-testid="watch-away">{t("watch.away")}</p>}
      <div className="watch-body">
        <Pictures own={own} />
        <div className="watch-units">
          <Units own={own} incident={incident} tasks={tasks} />
          <section className="incident-card" aria-label={t("tasks.title", { count: tasks.length })}>
            <h2>{t("tasks.title", { count: tasks.length })}</h2>
            {tasks.length === 0 && <p className="quiet">{t("tasks.none")}</p>}
            {[...tasks].reverse().map((task) => (
              <TaskCard key={task.id} task={task} acts={WATCHING} watching />
            ))}
          </section>
        </div>
        <TimeLine incident={incident} acts={WATCHING} />
      </div>
    </div>
  );
}

function Pictures({ own: { seen, withheld } }: { own: Own }) {
  const { t } = useWords();
  return (
    <section className="watch-pictures" aria-label={t("watch.pictures")} data-testid="watch-pictures" data-count={seen.length}>
      {seen.map((one, at) => (
        <div key={one.camera} className="watch-picture">
          <WatchTile camera={one.camera} name={one.name} stream={one.streams.includes("sub") ? "sub" : "main"} testId={`watch-${at}`} />
        </div>
      ))}
      {seen.length === 0 && <p className="quiet">{t("watch.none")}</p>}
      {withheld > 0 && <p className="notice" role="status">{t("watch.withheld", { count: withheld })}</p>}
    </section>
  );
}

function Units({ own, incident, tasks }: { own: Own; incident: Details; tasks: readonly Task[] }) {
  const found = useQuery({ queryKey: ["watch", incident.id, "units"], refetchInterval: EVERY_MS, retry: false, queryFn: () => body(api.GET("/api/v1/units")) });
  const out = JSON.stringify(tasks.filter(isRunning).map(({ unit }) => unit));
  const units = useMemo(() => {
    const ids = new Set(JSON.parse(out) as number[]);
    return (found.data?.items ?? []).flatMap(({ id, call_sign, longitude, latitude }) => (ids.has(id) ? [{ id, name: call_sign, longitude, latitude }] : []));
  }, [found.data, out]);
  const places = JSON.stringify(own.seen.map(({ name, longitude, latitude }) => ({ name, longitude, latitude })));
  const cameras = useMemo(() => JSON.parse(places) as Pick<Own["seen"][number], "name" | "longitude" | "latitude">[], [places]);
  return <UnitMap incident={incident} units={units} cameras={cameras} testId="watch-map" />;
}
