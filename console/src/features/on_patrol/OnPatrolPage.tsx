import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useContext } from "react";
import { ApiProblem, api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { Refused } from "../../ui/Refused";
import { SignedIn } from "../../ui/signed-in";
import { useTime } from "../../ui/time";
import { DutyBar } from "./DutyBar";
import { HelpButton } from "./HelpButton";
import { KeptSteps } from "./KeptSteps";
import { PlaceMap } from "./PlaceMap";
import { PlacePictures } from "./PlacePictures";
import { stateHere } from "./steps";
import { TaskPanel } from "./TaskPanel";
import { useNewTask } from "./use-new-task";
import { useOwnPosition } from "./use-own-position";
import { usePhotos } from "./use-photos";
import { useOwnSwitch } from "./use-own-switch";
import { useSteps } from "./use-steps";
import "./on-patrol.css";

/** Asked again so often: no news come to whoever follows no area. */
const EVERY_MS = 3_000;

/** The unit that somebody is in, on a phone: its task, the way there, and what the desk knows of both. */
export function OnPatrolPage() {
  const { t } = useWords();
  const time = useTime();
  const queries = useQueryClient();
  const user = useContext(SignedIn)?.user.id ?? 0;
  const found = useQuery({ queryKey: ["own-patrol"], queryFn: () => body(api.GET("/api/v1/patrol")), refetchInterval: EVERY_MS, refetchIntervalInBackground: true, networkMode: "always", retry: false });
  const steps = useSteps(user);
  const photos = usePhotos(user);
  const closed = found.error instanceof ApiProblem && [401, 403].includes(found.error.problem.status); // the right is over, and with it what was seen under it
  const seen = closed ? undefined : found.data;
  const unit = seen?.unit ?? null;
  const task = seen?.task ?? null;
  const where = seen?.where ?? null;
  const onDuty = unit !== null && unit.status !== "out_of_service";
  const [tells, setTells] = useOwnSwitch(user);
  const { fix, telling } = useOwnPosition(unit?.id, onDuty && tells);
  const state = task === null ? undefined : stateHere(task, steps.kept);
  useNewTask(user, task !== null && state === "sent" ? { id: task.id, priority: where?.priority ?? 3 } : undefined);
  if (found.isPending) return <div className="hint">{t("loading")}</div>;
  if (seen === undefined && found.error !== null) return <Refused error={found.error} />;
  const away = found.isRefetchError;
  if (unit === null) {
    return (
      <div className="padded patrol-none" data-testid="patrol-none">
        <h2>{t("patrol.own.none")}</h2>
        <p>{t("patrol.own.none.help")}</p>
      </div>
    );
  }
  const again = () => queries.invalidateQueries({ queryKey: ["own-patrol"] });
  const runs = task !== null && state !== undefined && state !== "done" && state !== "refused";
  return (
    <div className="on-patrol" data-testid="on-patrol" data-away={away}>
      <DutyBar unit={unit} onDuty={onDuty} tells={tells} telling={telling} onTells={setTells} onChanged={again} />
      <HelpButton user={user} fix={fix} call={seen?.call ?? null} />
      {away && (
        <div className="notice" role="alert" data-testid="patrol-away">
          <b>{t("patrol.own.away")}</b> {t("patrol.own.away.help", { time: time(new Date(found.dataUpdatedAt).toISOString()) })}
        </div>
      )}
      <KeptSteps steps={steps} task={task} />
      {runs ? (
        <TaskPanel key={task.id} photos={photos} task={task} state={state} where={where} onPress={(step, text) => steps.press(task.id, step, text)} />
      ) : (
        <section className="patrol-free" data-testid="patrol-free">
          <h2>{t(onDuty ? "patrol.own.free" : "patrol.own.offDuty")}</h2>
          <p>{t(onDuty ? "patrol.own.free.help" : "patrol.own.offDuty.help")}</p>
        </section>
      )}
      {runs && <PlacePictures key={`pictures of ${task.id}`} task={task} />}
      <PlaceMap where={runs ? where : null} fix={fix} />
    </div>
  );
}
