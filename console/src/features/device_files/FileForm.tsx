import { Segmented } from "antd";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { FieldRow } from "./FieldRow";
import type { FileIssue, useFileFields, Values } from "./use-files";

interface Props {
  fields: NonNullable<ReturnType<typeof useFileFields>>;
  values: Values;
  words: Values;
  differing: string[];
  withheld: string[];
  issues: FileIssue[];
  mayWrite: boolean;
  /** Not to be written here. */
  fixed: string[];
  group: string;
  onGroup: (group: string) => void;
  onChange: (key: string, value: string) => void;
}

/** The fields of one group, each with its check and the device's word. */
export function FileForm({ fields, values, words, differing, withheld, issues, mayWrite, fixed, group, onGroup, onChange }: Props) {
  const { t, pick } = useWords();
  const [onlyWrong, setOnlyWrong] = useKept("only fields that need work", false);
  const wrong = (code: string) => issues.filter((one) => one.severity === "error" && fields.byKey.get(one.field)?.group === code).length;
  const options = fields.groups.map((one) => ({
    value: one.code,
    label: (
      <span data-testid={`group-${one.code}`}>
        {pick(one.zh, one.en)}
        {wrong(one.code) > 0 && <b className="file-error"> {wrong(one.code)}</b>}
      </span>
    ),
  }));
  const needs = (key: string) => issues.some((one) => one.field === key) || differing.includes(key);
  const shown = fields.fields.filter((one) => one.group === group && (!onlyWrong || needs(one.key)));
  return (
    <section className="card file-form">
      <div className="file-groups">
        <Segmented<string> value={group} options={options} onChange={onGroup} />
        <label className="quiet">
          <input type="checkbox" checked={onlyWrong} data-testid="only-wrong" onChange={(event) => setOnlyWrong(event.target.checked)} /> {t("file.onlyWrong")}
        </label>
      </div>
      <div className="file-fields">
        {shown.map((field) => (
          <FieldRow key={field.key} field={field} value={values[field.key] ?? ""} word={words[field.key] ?? ""} differs={differing.includes(field.key)} withheld={withheld.includes(field.key)} readOnly={!mayWrite} disabled={!mayWrite || fixed.includes(field.key)} issues={issues.filter((one) => one.field === field.key)} onChange={(value) => onChange(field.key, value)} />
        ))}
        {shown.length === 0 && <p className="hint">{t("file.nothingWrong")}</p>}
      </div>
    </section>
  );
}
