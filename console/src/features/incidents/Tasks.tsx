import { useQuery } from "@tanstack/react-query";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import type { Details } from "./incident";
import { askedTasks, tasksKey } from "./task";
import { TaskCard } from "./TaskCard";
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
    </section>
  );
}
