import { Button } from "antd";
import { useWords } from "../../ui/language";
import { FieldInput } from "../../ui/files/FieldInput";
import type { FileField, FileIssue } from "./use-files";

interface Props {
  field: FileField;
  value: string;
  /** What the device says. */
  word: string;
  /** Device and file both say something, and not the same. */
  differs: boolean;
  withheld: boolean;
  disabled: boolean;
  /** Nobody who looks writes here now: words instead of boxes. */
  readOnly: boolean;
  issues: FileIssue[];
  onChange: (value: string) => void;
}

/** One field: what is written, what the checks say of it, and the device's word beside it, never taken by itself. */
export function FieldRow({ field, value, word, differs, withheld, disabled, readOnly, issues, onChange }: Props) {
  const { t, pick } = useWords();
  const worst = issues[0]?.severity ?? "";
  return (
    <div className={`file-field ${differs ? "differs" : ""}`} id={`file-field-${field.key}`}>
      <span className="name" title={field.code}>
        {pick(field.zh, field.en)}
        {field.mandatory && <i title={t("file.mandatory")}>*</i>}
        {field.reviewed && <em title={t("file.reviewed")}>◔</em>}
      </span>
      <div className="value">
        {withheld ? <span className="quiet">{t("file.withheld")}</span> : readOnly ? <span className="said">{many(field, value, pick)}</span> : <FieldInput field={field} value={value} disabled={disabled} status={worst} onChange={onChange} />}
        {issues.map((one) => (
          <p key={one.check} className={`file-${one.severity}`} data-testid={`issue-${field.key}`}>
            {pick(one.zh, one.en)} <span className="quiet">{pick(one.do_zh, one.do_en)}</span>
          </p>
        ))}
      </div>
      <div className="word">
        {word !== "" && (
          <>
            <span className={differs ? "file-warning" : "quiet"} title={t("file.word")} data-testid={`word-${field.key}`}>
              {differs && "≠ "}
              {worded(field, word, pick)}
            </span>
            {!disabled && word !== value && field.key !== "device_code" && (
              <Button type="link" size="small" data-testid={`take-${field.key}`} aria-label={`${t("file.take")} ${pick(field.zh, field.en)}`} onClick={() => onChange(word)}>
                {t("file.take")}
              </Button>
            )}
          </>
        )}
      </div>
    </div>
  );
}

/** Each of several codes with its word. */
const many = (field: FileField, value: string, pick: (zh: string, en: string) => string) => (field.kind === "choices" ? value.split("/").map((one) => worded(field, one, pick)).join(pick("、", ", ")) : worded(field, value, pick));

/** A code with its word. */
export function worded(field: FileField, value: string, pick: (zh: string, en: string) => string): string {
  const one = field.options.find((option) => option.code === value);
  return one === undefined || one.code === one.zh ? value : `${value} ${pick(one.zh, one.en)}`;
}
