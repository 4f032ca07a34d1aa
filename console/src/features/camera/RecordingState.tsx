import { useWords } from "../../ui/language";
import { useTime } from "../../ui/time";
import { heldS, type StreamState } from "./recording-hours";

const STATES = { off: "recording.off", outside: "recording.outside", waiting: "recording.waits", recording: "recording.on", armed: "recording.armed", event: "recording.event" } as const;

interface Props {
  plan: StreamState;
  title?: string;
  testId?: string;
}

/** What is recorded of a camera's stream now, and how far it is on disk. */
export function RecordingState({ plan, title, testId = "recording-state" }: Props) {
  const { t } = useWords();
  const time = useTime();
  const kept = plan.state === "recording" || plan.state === "event";
  const held = plan.state === "armed" ? heldS(plan, Date.now()) : undefined;
  return (
    <>
      <dt>{title ?? t("recording.now")}</dt>
      <dd data-testid={testId} data-state={plan.state}>
        <span className={kept ? "recording-on" : plan.state === "armed" ? "recording-armed" : "quiet"}>{t(plan.state === "waiting" && plan.mode === "event" && plan.event === null ? "recording.waits.event" : STATES[plan.state])}</span>
      </dd>
      {plan.event !== null && (
        <>
          <dt>{t("recording.cause")}</dt>
          <dd data-testid="recording-cause">{t("recording.cause.at", { cause: t(`recording.cause.${plan.event.cause}`), time: time(plan.event.at).slice(11), until: time(plan.event.until).slice(11) })}</dd>
        </>
      )}
      {held !== undefined && (
        <>
          <dt>{t("recording.held")}</dt>
          <dd className={plan.held_short ? "wrong" : undefined}>{t(plan.held_short ? "recording.held.short" : "recording.held.for", { count: held })}</dd>
        </>
      )}
      {plan.safe_until !== null && (
        <>
          <dt>{t("recording.safe")}</dt>
          <dd>{time(plan.safe_until)}</dd>
        </>
      )}
      {plan.lost_fragments > 0 && (
        <>
          <dt>{t("recording.lost")}</dt>
          <dd className="wrong">{t("recording.lost.count", { count: plan.lost_fragments })}</dd>
        </>
      )}
    </>
  );
}
