import { Button, Input, InputNumber, Select } from "antd";
import { useWords } from "../../ui/language";
import { ofKind, type Answer, type Step } from "./form";

interface Props {
  step: Step;
  at: number;
  steps: readonly Step[];
  onChange: (step: Step) => void;
  onRemove: (() => void) | undefined;
}

const END = "·end";

/** One step: what is to be done, how long it should take, and where it leads. */
export function StepFields({ step, at, steps, onChange, onRemove }: Props) {
  const { t } = useWords();
  const answers = step.answers ?? [];
  const ways = [...steps.map((one, place) => ({ value: one.id, label: `${place + 1} ${one.text.slice(0, 24)}` })), { value: END, label: t("procedures.end") }];
  const put = (place: number, part: Partial<Answer>) => onChange({ ...step, answers: answers.map((one, nth) => (nth === place ? { ...one, ...part } : one)) });
  const way = (value: string | null | undefined, label: string, testId: string, change: (next: string | null) => void) => <Select value={value ?? END} options={ways} aria-label={label} data-testid={testId} onChange={(next) => change(next === END ? null : next)} />;
  return (
    <li className="procedure-step" data-testid={`step-${at + 1}`}>
      <div className="procedure-step-head">
        <b>{at + 1}</b>
        <Select value={step.kind} aria-label={t("procedures.kind")} data-testid={`kind-${at + 1}`} options={(["question", "act", "note"] as const).map((one) => ({ value: one, label: t(`procedures.kind.${one}`) }))} onChange={(kind) => onChange(ofKind(step, kind))} />
        <InputNumber min={5} max={86_400} precision={0} suffix="s" value={step.target_s ?? null} placeholder={t("procedures.target")} aria-label={t("procedures.target")} onChange={(target_s) => onChange({ ...step, target_s })} />
        {step.kind !== "question" && (
          <>
            <span aria-hidden>→</span>
            {way(step.next, t("procedures.next"), `next-${at + 1}`, (next) => onChange({ ...step, next }))}
          </>
        )}
        <span className="grow" />
        {onRemove !== undefined && (
          <Button size="small" type="text" onClick={onRemove}>
            {t("rules.remove")}
          </Button>
        )}
      </div>
      <Input.TextArea autoSize={{ minRows: 1, maxRows: 4 }} maxLength={500} value={step.text} placeholder={t("procedures.text")} aria-label={t("procedures.text")} data-testid={`text-${at + 1}`} onChange={(event) => onChange({ ...step, text: event.target.value })} />
      {step.kind === "question" && (
        <ol className="procedure-ways">
          {answers.map((one, place) => (
            <li key={place}>
              <Input value={one.text} maxLength={60} placeholder={t("procedures.answer")} aria-label={t("procedures.answer")} data-testid={`answer-${at + 1}-${place + 1}`} onChange={(event) => put(place, { text: event.target.value })} />
              <span aria-hidden>→</span>
              {way(one.next, t("procedures.next"), `way-${at + 1}-${place + 1}`, (next) => put(place, { next }))}
              <InputNumber min={1} max={9} precision={0} value={one.at_most ?? null} placeholder={t("procedures.atMost")} aria-label={t("procedures.atMost")} onChange={(at_most) => put(place, { at_most })} />
              <Button size="small" type="text" disabled={answers.length <= 2} onClick={() => onChange({ ...step, answers: answers.filter((_, nth) => nth !== place) })}>
                {t("rules.remove")}
              </Button>
            </li>
          ))}
          <Button size="small" disabled={answers.length >= 9} data-testid={`add-answer-${at + 1}`} onClick={() => onChange({ ...step, answers: [...answers, { text: "", next: null }] })}>
            {t("procedures.answer.add")}
          </Button>
        </ol>
      )}
    </li>
  );
}
