import { Input, Modal } from "antd";
import { useState } from "react";
import { AskReason } from "../../ui/AskReason";
import { HandOver } from "../../ui/HandOver";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import type { TextKey } from "../../ui/texts";
import { WordChoice } from "../../ui/WordChoice";
import type { Alarm } from "./queue";
import { AllUpToNow, AnotherSignal, useSignals } from "./signals";
import type { DeskActs } from "./use-acts";
import { FALSE_REASONS, OUTCOMES } from "./work";

/** What an act asks for before it is done. */
export function ActDialogs({ alarm, acts }: { alarm: Alarm; acts: DeskActs }) {
  const { t } = useWords();
  const leave = () => acts.ask(undefined);
  if (acts.asking === "release") return <Release alarm={alarm} onClose={leave} onSure={acts.release} />;
  if (acts.asking === "hand-over") return <HandOverAlarm alarm={alarm} onClose={leave} onSure={acts.handOver} />;
  if (acts.asking === "false") return <OneOf alarm={alarm} name={`false alarm ${alarm.id}`} words={FALSE_REASONS} say="alarms.reason." title={t("alarms.false.title")} okText={t("alarms.result.false")} upToNow={acts.upToNow} onClose={leave} onSure={(reason, note) => acts.verify("false", reason, note)} />;
  if (acts.asking === "close") return <OneOf alarm={alarm} name={`outcome of alarm ${alarm.id}`} words={OUTCOMES} say="alarms.outcome." title={t("alarms.close.title")} okText={t("alarms.close")} upToNow={acts.upToNow} onClose={leave} onSure={acts.close} />;
  return null;
}

function Release({ alarm, onClose, onSure }: { alarm: Alarm; onClose: () => void; onSure: DeskActs["release"] }) {
  const { t } = useWords();
  const { count } = useSignals(alarm);
  return (
    <AskReason open name={`release of alarm ${alarm.id}`} title={t("alarms.release.title")} label={t("alarms.release.why")} okText={t("alarms.release")} wordsFirst onClose={onClose} onSure={onSure}>
      <AnotherSignal alarm={alarm} count={count} />
    </AskReason>
  );
}

interface OneOfProps<T extends string> {
  alarm: Alarm;
  /** Of what is kept under a lock of the screen. */
  name: string;
  words: readonly T[];
  /** What the texts of the words begin with. */
  say: "alarms.reason." | "alarms.outcome.";
  title: string;
  okText: string;
  upToNow: boolean;
  onClose: () => void;
  /** The dialog stays unless this is fulfilled with true. */
  onSure: (word: T, note: string) => Promise<boolean>;
}

/** One word of a closed list, by its number or the mouse, and a note. */
function OneOf<T extends string>({ alarm, name, words, say, title, okText, upToNow, onClose, onSure }: OneOfProps<T>) {
  const { t } = useWords();
  const [word, setWord] = useKept<T>(`${name} word`);
  const [note, setNote] = useKept(`${name} note`, "");
  const [busy, setBusy] = useState(false);
  const { count, seen } = useSignals(alarm);
  const send = () => {
    if (busy || word === undefined || !seen) return;
    setBusy(true);
    void onSure(word, note.trim())
      .then((done) => done && onClose())
      .finally(() => setBusy(false));
  };
  return (
    <Modal open title={title} okText={okText} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: word === undefined || !seen, "data-testid": "sure" }} onCancel={onClose} onOk={send} destroyOnHidden>
      <AnotherSignal alarm={alarm} count={count} />
      {upToNow && <AllUpToNow />}
      <WordChoice autoFocus words={words} value={word} say={(one) => t(`${say}${one}` as TextKey)} label={title} onChoose={setWord} onSend={send} />
      <Input.TextArea rows={2} maxLength={500} value={note} aria-label={t("alarms.note")} placeholder={t("alarms.note")} data-testid="note" onChange={(event) => setNote(event.target.value)} />
    </Modal>
  );
}

function HandOverAlarm({ alarm, onClose, onSure }: { alarm: Alarm; onClose: () => void; onSure: DeskActs["handOver"] }) {
  const { t } = useWords();
  const { count } = useSignals(alarm);
  return (
    <HandOver name={`alarm ${alarm.id}`} title={t("alarms.handOver.title")} owner={alarm.work?.owner?.id} onClose={onClose} onSure={onSure}>
      <AnotherSignal alarm={alarm} count={count} />
    </HandOver>
  );
}
