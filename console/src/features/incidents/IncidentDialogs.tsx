import { AskReason } from "../../ui/AskReason";
import { HandOver } from "../../ui/HandOver";
import { useWords } from "../../ui/language";
import type { TextKey } from "../../ui/texts";
import * as acts from "./acts";
import { CloseIncident } from "./CloseIncident";
import { CorrectIncident } from "./CorrectIncident";
import type { Details } from "./incident";
import { MergeIncident } from "./MergeIncident";
import { RefuteIncident } from "./RefuteIncident";
import { SendUnit } from "./SendUnit";
import type { IncidentActs } from "./use-incident-acts";

type Reasoned = "take" | "reopen" | "unmerge" | "archive";
const DO: Record<Reasoned, (one: Details, reason: string) => Promise<unknown>> = {
  take: (one, reason) => acts.move(one, "take", reason),
  archive: (one, reason) => acts.move(one, "archive", reason),
  reopen: acts.reopen,
  unmerge: acts.unmerge,
};

/** What an act asks for before it is done. */
export function IncidentDialogs({ incident, acts: own }: { incident: Details; acts: IncidentActs }) {
  const { asking, leave, done } = own;
  const { t } = useWords();
  switch (asking) {
    case "take":
    case "reopen":
    case "unmerge":
    case "archive":
      return <AskReason open name={`${asking} incident ${incident.id}`} title={t(`incident.ask.${asking}` as TextKey, { number: incident.number, name: incident.owner?.name ?? "" })} label={t("incident.reason")} okText={t(asking === "take" ? "incident.act.takeOver" : (`incident.act.${asking}` as TextKey))} least={asking === "archive" ? 0 : 2} onClose={leave} onSure={(reason) => done(() => DO[asking](incident, reason))} />;
    case "hand-over":
      return <HandOver name={`incident ${incident.id}`} title={t("incident.ask.hand-over", { number: incident.number })} owner={incident.owner?.id} onClose={leave} onSure={(to, words) => done(() => acts.handOver(incident, to, words))} />;
    case "refute":
      return <RefuteIncident incident={incident} onClose={leave} onSure={(cause, text) => done(() => acts.move(incident, "refute", text, cause))} />;
    case "close":
      return <CloseIncident incident={incident} onClose={leave} onSure={(disposition, cause, text) => done(() => acts.close(incident, disposition, cause, text))} />;
    case "send":
      return <SendUnit incident={incident} acts={own} />;
    case "merge":
      return <MergeIncident incident={incident} onClose={leave} onSure={(into, reason) => done(() => acts.merge(incident, into, reason))} />;
    case "correct":
      return <CorrectIncident incident={incident} onClose={leave} onSure={(changes, reason) => done(() => acts.correct(incident, changes, reason))} />;
    default:
      return null;
  }
}
