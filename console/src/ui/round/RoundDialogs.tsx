import { AskReason } from "../AskReason";
import { useWords } from "../language";
import { Finding } from "./Finding";
import type { RoundWork } from "./use-round";

/** What a round asks for in words: a finding, why a stop was not possible, why the round is broken off. */
export function RoundDialogs({ round, work }: { round: number; work: RoundWork }) {
  const { t } = useWords();
  const { stop, dialog } = work;
  const close = () => work.ask(undefined);
  return (
    <>
      {dialog === "finding" && <Finding round={round} stop={stop} picture={work.picture} onClose={close} onSave={work.writeFinding} />}
      <AskReason name={`stop ${stop} of round ${round}`} open={dialog === "not-possible"} title={t("patrol.notPossible.title", { stop })} help={t("patrol.notPossible.help")} label={t("patrol.notPossible.reason")} okText={t("patrol.notPossible")} most={1000} onClose={close} onSure={work.notPossible} />
      <AskReason name={`break-off of round ${round}`} open={dialog === "break-off"} danger title={t("patrol.breakOff.title")} help={t("patrol.breakOff.help")} label={t("patrol.breakOff.reason")} okText={t("patrol.breakOff")} most={1000} onClose={close} onSure={work.breakOff} />
    </>
  );
}
