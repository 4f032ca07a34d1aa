import { Button, Input, Modal } from "antd";
import { useState } from "react";
import type { Schemas } from "../../api-client/client";
import { useIncidentWords } from "../../ui/incident-words";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { Priority, type AlarmPriority } from "../../ui/Priority";
import { stopwatch } from "../../ui/stopwatch";
import { useNodeNow } from "../../ui/use-node-now";
import { Photos } from "./Photos";
import type { KeptPhotos } from "./use-photos";
import { mayRefuse, nextStep, type Step, type Task, type TaskState } from "./steps";

const SHORTEST_REASON = 2;
const WAY: readonly TaskState[] = ["sent", "accepted", "on_the_way", "arrived"];

interface Props {
  photos: KeptPhotos;
  task: Task;
  /** With what is pressed on this phone. */
  state: TaskState;
  where: Schemas["TaskPlace"] | null;
  onPress: (step: Step, text: string) => void;
}

/** What, where, how urgent; and the one big button for what comes next. */
export function TaskPanel({ photos, task, state, where, onPress }: Props) {
  const { t } = useWords();
  const word = useIncidentWords();
  const now = useNodeNow();
  const [found, setFound] = useKept(`found of task ${task.id}`, "");
  const [refusing, setRefusing] = useState(false);
  const [why, setWhy] = useKept(`refusal of task ${task.id}`, "");
  const step = nextStep(state);
  const lacks = step === "done" && task.need_feedback && found.trim() === "";
  const due = task.due_at === null || task.state !== state ? undefined : Date.parse(task.due_at) - now;
  const due_step = state === "sent" || state === "accepted" || state === "on_the_way" || state === "arrived" ? t(`task.due.${state}`) : "";
  return (
    <section className="patrol-task" data-testid="patrol-task" data-state={state}>
      {where !== null && (
        <header>
          <Priority priority={where.priority as AlarmPriority} />
          <b>{word("types", where.type)}</b>
          <span className="quiet">{where.number}</span>
        </header>
      )}
      <p className="patrol-order" data-testid="patrol-order">{task.order}</p>
      {where !== null && <p className="patrol-place" data-testid="patrol-place">{where.place}<span className="quiet"> {where.area_name}</span></p>}
      {where !== null && where.longitude === null && <p className="quiet">{t("patrol.own.noPlace")}</p>}
      <ol className="patrol-way">
        {WAY.map((one) => (
          <li key={one} className={WAY.indexOf(one) <= WAY.indexOf(state) ? "reached" : ""} aria-current={one === state ? "step" : undefined}>{t(`task.state.${one}`)}</li>
        ))}
      </ol>
      {due !== undefined && <p className={due < 0 ? "patrol-late" : "quiet"}>{t(due < 0 ? "tasks.late" : "tasks.left", { step: due_step, time: stopwatch(Math.abs(due)) })}</p>}
      {step === "done" && (
        <label className="patrol-found">
          <span>{t(task.need_feedback ? "patrol.own.found.must" : "patrol.own.found.may")}</span>
          <Input.TextArea value={found} rows={3} maxLength={1000} aria-label={t("patrol.own.found")} data-testid="patrol-found" onChange={(event) => setFound(event.target.value)} />
        </label>
      )}
      <Photos photos={photos} task={task} />
      {step !== undefined && (
        <button type="button" className="patrol-step" disabled={lacks} data-testid={`patrol-${step}`} onClick={() => onPress(step, step === "done" ? found.trim() : "")}>
          {step !== "refuse" && t(`patrol.own.do.${step}`)}
        </button>
      )}
      {mayRefuse(state) && (
        <Button block size="large" data-testid="patrol-refuse" onClick={() => setRefusing(true)}>
          {t("patrol.own.refuse")}
        </Button>
      )}
      <Modal open={refusing} title={t("patrol.own.refuse.title")} okText={t("patrol.own.refuse")} cancelText={t("cancel")} okButtonProps={{ danger: true, disabled: why.trim().length < SHORTEST_REASON, "data-testid": "sure" }} destroyOnHidden onCancel={() => setRefusing(false)} onOk={() => {
        setRefusing(false);
        onPress("refuse", why.trim());
      }}>
        <Input.TextArea autoFocus value={why} rows={3} maxLength={500} placeholder={t("patrol.own.refuse.why")} aria-label={t("patrol.own.refuse.why")} data-testid="patrol-why" onChange={(event) => setWhy(event.target.value)} />
      </Modal>
    </section>
  );
}
