import { Button, Input, Modal } from "antd";
import { useEffect, useRef, useState } from "react";
import { useAct } from "../act";
import { useWords } from "../language";
import { stopwatch } from "../stopwatch";
import { useTime } from "../time";
import { useNodeNow } from "../use-node-now";
import { isWriting } from "../writing";
import { answer, leftMs, skip, stepOf, type Run, type Step } from "./procedure-run";

interface Props {
  run: Run;
  works: boolean;
  /** Somebody went on with it here: the next step has the focus, and keys 1 to 9 answer it. Until then digits are the page's. */
  held: boolean;
  onMoved: () => Promise<unknown>;
}

/** A run: the step that is to be done, large, with its time and its answers; what was answered stands beneath. */
export function RunCard({ run, works, held, onMoved }: Props) {
  const { t } = useWords();
  const time = useTime();
  const step = stepOf(run);
  return (
    <article className={run.step === null ? "procedure-run over" : "procedure-run"} data-testid={`procedure-run-${run.id}`} data-step={run.step ?? ""}>
      <header>
        <b>{run.name}</b>
        <span className="quiet">{t("procedures.version", { version: run.version })}</span>
        {run.mandatory && <span className="mandatory">{t("procedures.mandatory")}</span>}
        {run.skipped > 0 && <span className="skipped">{t("procedures.skipped", { count: run.skipped })}</span>}
        {step === undefined && <span className="done">{t("procedures.over")}</span>}
      </header>
      {step !== undefined && <Current key={run.entries.length} run={run} step={step} works={works} held={held} onMoved={onMoved} />}
      <ol className="procedure-entries">
        {[...run.entries].reverse().map((one) => (
          <li key={one.ordinal} className={one.outcome} data-testid={`entry-${one.ordinal}`}>
            <time>{time(one.at).slice("2026-11-29 ".length)}</time>
            <span>{one.text}</span>
            <b>{one.outcome === "skipped" ? t("procedures.outcome.skipped") : one.answer || t("procedures.outcome.answered")}</b>
            <span className={one.late ? "late" : "quiet"}>{stopwatch(one.took_s * 1_000)}</span>
            <span className="quiet">{[one.by, one.note].filter((word) => word !== "").join(" · ")}</span>
          </li>
        ))}
      </ol>
    </article>
  );
}

function Current({ run, step, works, held, onMoved }: Props & { step: Step }) {
  const { t } = useWords();
  const now = useNodeNow();
  const { busy, act } = useAct();
  const [note, setNote] = useState("");
  const [skipping, setSkipping] = useState(false);
  const answers = step.answers ?? [];
  const left = leftMs(run, now);
  const go = (way?: number) => void act(() => answer(run, way, note.trim()).then(onMoved));
  const whole = step.kind !== "note" || note.trim() !== "";
  const press = useRef<(key: string) => boolean>(() => false);
  useEffect(() => {
    press.current = (key) => {
      const way = Number(key);
      if (step.kind === "question" ? run.left.includes(way) : way === 1 && whole) {
        go(step.kind === "question" ? way : undefined);
        return true;
      }
      return false;
    };
  });
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (held && works) box.current?.focus({ preventScroll: true });
  }, [held, works]);
  return (
    <div
      ref={box}
      className="procedure-current"
      tabIndex={works ? 0 : -1}
      data-testid="procedure-current"
      onKeyDown={(event) => {
        if (!works || event.repeat || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
        if (!/^[1-9]$/.test(event.key)) return;
        event.stopPropagation(); // within the step a digit is an answer, nothing of the page's
        if (!busy && press.current(event.key)) event.preventDefault();
      }}
    >
      <p className="procedure-task">{step.text}</p>
      {left !== undefined && (
        <span className={left < 0 ? "procedure-timer late" : "procedure-timer"} data-testid="procedure-timer">
          {t(left < 0 ? "procedures.late" : "procedures.left", { time: stopwatch(Math.abs(left)) })}
        </span>
      )}
      {works && (
        <>
          <Input.TextArea autoSize={{ minRows: 1, maxRows: 4 }} maxLength={500} value={note} placeholder={t(step.kind === "note" ? "procedures.note.needed" : "procedures.note")} aria-label={t("procedures.note")} data-testid="procedure-note" onChange={(event) => setNote(event.target.value)} />
          <div className="procedure-answers">
            {step.kind === "question" ? (
              answers.map((one, at) => (
                <Button key={at} size="large" disabled={busy || !run.left.includes(at + 1)} data-testid={`answer-${at + 1}`} onClick={() => go(at + 1)}>
                  <kbd>{at + 1}</kbd> {one.text}
                </Button>
              ))
            ) : (
              <Button size="large" type="primary" disabled={busy || !whole} data-testid="answer-1" onClick={() => go()}>
                <kbd>1</kbd> {t("procedures.done")}
              </Button>
            )}
            <Button type="text" data-testid="skip-step" onClick={() => setSkipping(true)}>
              {t("procedures.skip")}
            </Button>
          </div>
        </>
      )}
      {skipping && <SkipDialog run={run} step={step} onClose={() => setSkipping(false)} onMoved={onMoved} />}
    </div>
  );
}

function SkipDialog({ run, step, onClose, onMoved }: { run: Run; step: Step; onClose: () => void; onMoved: () => Promise<unknown> }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const [reason, setReason] = useState("");
  const [way, setWay] = useState<number | "rest" | undefined>(step.kind === "question" ? undefined : 0);
  const answers = step.kind === "question" ? (step.answers ?? []).map((one, at) => ({ way: at + 1, text: t("procedures.skip.as", { answer: one.text }) })).filter((one) => run.left.includes(one.way)) : [{ way: 0, text: t("procedures.skip.one") }];
  const sure = () =>
    void act(async () => {
      await skip(run, reason.trim(), way === "rest" || way === 0 ? undefined : way, way === "rest");
      onClose();
      await onMoved();
    });
  return (
    <Modal open title={t("procedures.skip.title")} okText={t("procedures.skip")} cancelText={t("cancel")} confirmLoading={busy} okButtonProps={{ danger: true, disabled: reason.trim().length < 2 || way === undefined, "data-testid": "sure-skip" }} onCancel={onClose} onOk={sure}>
      <p className="quiet">{t("procedures.skip.help")}</p>
      <div className="procedure-skip">
        {[...answers, { way: "rest" as const, text: t("procedures.skip.rest") }].map((one) => (
          <label key={one.way}>
            <input type="radio" name="way" checked={way === one.way} data-testid={`skip-${one.way}`} onChange={() => setWay(one.way)} /> {one.text}
          </label>
        ))}
      </div>
      <Input.TextArea autoFocus rows={3} maxLength={500} value={reason} placeholder={t("procedures.skip.reason")} aria-label={t("procedures.skip.reason")} data-testid="skip-reason" onChange={(event) => setReason(event.target.value)} />
    </Modal>
  );
}
