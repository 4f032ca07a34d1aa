import { Button } from "antd";
import { useState } from "react";
import { AskReason } from "../../ui/AskReason";
import { useWords } from "../../ui/language";
import { useMay } from "../../ui/signed-in";
import { stopwatch } from "../../ui/stopwatch";
import { useTime } from "../../ui/time";
import { useNodeNow } from "../../ui/use-node-now";
import { actsOfTask, isRunning, stepTask, timerOf, WAY, type Task, type TaskAct } from "./task";
import type { IncidentActs } from "./use-incident-acts";

/** What a unit was sent to do: its steps with their times, the timer that runs, and what it tells by radio. */
export function TaskCard({ task, acts, watching = false }: { task: Task; acts: IncidentActs; watching?: boolean }) {
  const { t } = useWords();
  const time = useTime();
  const desk = useMay()("take-duty");
  const [asking, setAsking] = useState<TaskAct>();
  const offered = desk && !watching ? actsOfTask(task) : [];
  const begin = (act: TaskAct) => {
    if (act === "done" || act === "refuse" || act === "cancel") setAsking(act);
    else void acts.done(() => stepTask(task, act, ""));
  };
  const clock = (at: string | undefined) => (at === undefined ? "" : time(at).slice("2026-11-29 ".length));
  return (
    <article className={isRunning(task) ? "task" : "task over"} data-testid={`task-${task.id}`} data-state={task.state} data-overdue={task.overdue}>
      <header>
        <b>{task.call_sign}</b>
        <span className="task-state">{t(`task.state.${task.state}`)}</span>
        <Timer task={task} />
        <span className="by">{t("tasks.sentBy", { name: task.sent_by })}</span>
      </header>
      <p className="task-order">{task.order}</p>
      <ol className="task-way" aria-label={t("tasks.way")}>
        {WAY.map((state) => (
          <li key={state} className={task.times[state] === undefined ? "" : "reached"} aria-current={task.state === state ? "step" : undefined}>
            <span>{t(`task.state.${state}`)}</span>
            <time>{clock(task.times[state]) || "—"}</time>
          </li>
        ))}
      </ol>
      {task.reason !== "" && <p className="task-said">{t("tasks.reason", { text: task.reason })}</p>}
      {task.feedback !== "" && <p className="task-said" data-testid="task-feedback">{t("tasks.feedback", { text: task.feedback })}</p>}
      {offered.length > 0 && (
        <div className="task-acts" role="group" aria-label={t("tasks.byRadio", { unit: task.call_sign })}>
          <span className="quiet">{t("tasks.byRadio", { unit: task.call_sign })}</span>
          {offered.map((act, at) => (
            <Button key={act} size="small" type={at === 0 ? "primary" : act === "cancel" || act === "refuse" ? "text" : "default"} danger={act === "cancel"} disabled={acts.busy} data-testid={`task-${act}`} onClick={() => begin(act)}>
              {t(`task.act.${act}`)}
            </Button>
          ))}
        </div>
      )}
      {asking !== undefined && (
        <AskReason open name={`${asking} task ${task.id}`} title={t(`task.ask.${asking as "done" | "refuse" | "cancel"}`, { unit: task.call_sign })} label={t(asking === "done" ? "tasks.found" : "incident.reason")} okText={t(`task.act.${asking}`)} danger={asking === "cancel"} least={asking === "done" ? (task.need_feedback ? 1 : 0) : 2} most={asking === "done" ? 1000 : 500} onClose={() => setAsking(undefined)} onSure={(words) => acts.done(() => stepTask(task, asking, words))} />
      )}
    </article>
  );
}

/** How much of the time for the next step is left, and behind its end how long it is late. */
function Timer({ task }: { task: Task }) {
  const { t } = useWords();
  const timer = timerOf(task, useNodeNow());
  if (timer === undefined) return null;
  const late = timer.leftMs < 0;
  return (
    <span className={late ? "task-timer late" : "task-timer"} data-testid="task-timer" data-late={late}>
      <i style={{ width: `${timer.left * 100}%` }} />
      <span>
        {late && "▲ "}
        {t(late ? "tasks.late" : "tasks.left", { step: t(`task.due.${task.state as "sent" | "accepted" | "on_the_way" | "arrived"}`), time: stopwatch(Math.abs(timer.leftMs)) })}
      </span>
    </span>
  );
}
