import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import type { Details } from "./incident";
import { askedTasks, isRunning, tasksKey, type Task } from "./task";
import { TaskCard } from "./TaskCard";
import { UnitMap } from "./UnitMap";
import type { IncidentActs } from "./use-incident-acts";

/** Who was sent, and how far they are; those that are out first. */
export function Tasks({ incident, acts }: { incident: Details; acts: IncidentActs }) {
  const { t } = useWords();
  const found = useQuery({ queryKey: tasksKey(incident.id), queryFn: () => askedTasks(incident.id) });
  const tasks = [...(found.data?.items ?? [])].reverse();
  return (
    <section className="incident-card" aria-label={t("tasks.title", { count: tasks.length })} data-testid="tasks">
      <h2>{t("tasks.title", { count: tasks.length })}</h2>
      {found.isError && <Refused error={found.error} />}
      {found.isSuccess && tasks.length === 0 && <p className="quiet">{t("tasks.none")}</p>}
      {tasks.map((task) => (
        <TaskCard key={task.id} task={task} acts={acts} />
      ))}
      {tasks.some(isRunning) && <UnitsOut incident={incident} tasks={tasks} />}
    </section>
  );
}

/** Where those are who were sent, as they move. */
function UnitsOut({ incident, tasks }: { incident: Details; tasks: readonly Task[] }) {
  const found = useQuery({ queryKey: ["patrol-units"], queryFn: () => body(api.GET("/api/v1/units")) });
  const out = JSON.stringify(tasks.filter(isRunning).map(({ unit }) => unit));
  const units = useMemo(() => {
    const ids = new Set(JSON.parse(out) as number[]);
    return (found.data?.items ?? []).flatMap(({ id, call_sign, longitude, latitude }) => (ids.has(id) ? [{ id, name: call_sign, longitude, latitude }] : []));
  }, [found.data, out]);
  return <UnitMap incident={incident} units={units} testId="units-out-map" />;
}
