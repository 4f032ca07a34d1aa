import { useQuery } from "@tanstack/react-query";
import { Input, Modal } from "antd";
import { useContext, useState } from "react";
import { api, body } from "../../api-client/client";
import { AskReason } from "../../ui/AskReason";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { PersonPick } from "../../ui/PersonPick";
import { SignedIn } from "../../ui/signed-in";
import type { TextKey } from "../../ui/texts";
import type { Alarm } from "./queue";
import type { DeskActs } from "./use-acts";
import { FALSE_REASONS, OUTCOMES } from "./work";

/** What an act asks for before it is done. */
export function ActDialogs({ alarm, acts }: { alarm: Alarm; acts: DeskActs }) {
  const { t } = useWords();
  const leave = () => acts.ask(undefined);
  if (acts.asking === "release") return <AskReason open name={`release of alarm ${alarm.id}`} title={t("alarms.release.title")} label={t("alarms.release.why")} okText={t("alarms.release")} onClose={leave} onSure={acts.release} />;
  if (acts.asking === "hand-over") return <HandOver alarm={alarm} onClose={leave} onSure={acts.handOver} />;
  if (acts.asking === "false") return <OneOf name={`false alarm ${alarm.id}`} words={FALSE_REASONS} say="alarms.reason." title={t("alarms.false.title")} okText={t("alarms.result.false")} onClose={leave} onSure={(reason, note) => acts.verify("false", reason, note)} />;
  if (acts.asking === "close") return <OneOf name={`outcome of alarm ${alarm.id}`} words={OUTCOMES} say="alarms.outcome." title={t("alarms.close.title")} okText={t("alarms.close")} onClose={leave} onSure={acts.close} />;
  return null;
}

interface OneOfProps<T extends string> {
  /** Of what is kept under a lock of the screen. */
  name: string;
  words: readonly T[];
  /** What the texts of the words begin with. */
  say: "alarms.reason." | "alarms.outcome.";
  title: string;
  okText: string;
  onClose: () => void;
  /** The dialog stays unless this is fulfilled with true. */
  onSure: (word: T, note: string) => Promise<boolean>;
}

/** One word of a closed list, by its number or the mouse, and a note. */
function OneOf<T extends string>({ name, words, say, title, okText, onClose, onSure }: OneOfProps<T>) {
  const { t } = useWords();
  const [word, setWord] = useKept<T>(`${name} word`);
  const [note, setNote] = useKept(`${name} note`, "");
  const [busy, setBusy] = useState(false);
  const send = () => {
    if (busy || word === undefined) return;
    setBusy(true);
    void onSure(word, note.trim())
      .then((done) => done && onClose())
      .finally(() => setBusy(false));
  };
  return (
    <Modal open title={title} okText={okText} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: word === undefined, "data-testid": "sure" }} onCancel={onClose} onOk={send} destroyOnHidden>
      <div className="alarm-words" role="radiogroup" aria-label={title}>
        {words.map((one, at) => (
          <button key={one} type="button" role="radio" aria-checked={one === word} autoFocus={at === 0} data-testid={`word-${one}`} onClick={() => setWord(one)} onKeyDown={(event) => pressed(event, words, setWord, send)}>
            <kbd>{at + 1}</kbd> {t(`${say}${one}` as TextKey)}
          </button>
        ))}
      </div>
      <Input.TextArea rows={2} maxLength={500} value={note} aria-label={t("alarms.note")} placeholder={t("alarms.note")} data-testid="note" onChange={(event) => setNote(event.target.value)} />
    </Modal>
  );
}

/** The number of a word chooses it; Enter sends what is chosen. */
function pressed<T extends string>(event: React.KeyboardEvent, words: readonly T[], choose: (word: T) => void, send: () => void): void {
  const word = words[Number(event.key) - 1];
  if (word !== undefined) choose(word);
  else if (event.key === "Enter" && event.currentTarget.getAttribute("aria-checked") !== "true" && event.currentTarget.parentElement?.querySelector("[aria-checked=true]") != null) send();
  else if (event.key === "Enter" && event.currentTarget.getAttribute("aria-checked") === "true") send();
  else return;
  event.preventDefault();
}

function HandOver({ alarm, onClose, onSure }: { alarm: Alarm; onClose: () => void; onSure: DeskActs["handOver"] }) {
  const { t } = useWords();
  const me = useContext(SignedIn)?.user.id;
  const [to, setTo] = useKept<number>(`successor of alarm ${alarm.id}`);
  const [note, setNote] = useKept(`note to the successor of alarm ${alarm.id}`, "");
  const [busy, setBusy] = useState(false);
  const mine = useQuery({ queryKey: ["duty"], queryFn: () => body(api.GET("/api/v1/duty")) }).data?.mine;
  const found = useQuery({
    queryKey: ["duty", "candidates", mine?.centre, mine?.seat],
    enabled: mine !== undefined && mine !== null,
    queryFn: () => body(api.GET("/api/v1/duty/centres/{centre}/candidates", { params: { path: { centre: mine?.centre ?? 0 }, query: { seat: mine?.seat ?? 0 } } })),
  });
  const send = () => {
    if (busy || to === undefined) return;
    setBusy(true);
    void onSure(to, note.trim())
      .then((done) => done && onClose())
      .finally(() => setBusy(false));
  };
  return (
    <Modal open title={t("alarms.handOver.title")} okText={t("alarms.handOver")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ disabled: to === undefined, "data-testid": "sure" }} onCancel={onClose} onOk={send} destroyOnHidden>
      <div className="fields narrow">
        <label>
          <span>{t("alarms.handOver.to")}</span>
          <PersonPick autoFocus people={(found.data?.items ?? []).filter((one) => one.user_id !== me)} value={to} loading={found.isLoading} label={t("alarms.handOver.to")} testId="alarm-successor" onChange={setTo} />
        </label>
        <label>
          <span>{t("alarms.note")}</span>
          <Input.TextArea rows={2} maxLength={500} value={note} data-testid="note" onChange={(event) => setNote(event.target.value)} />
        </label>
      </div>
    </Modal>
  );
}
