import { useWords } from "../../ui/language";
import type { FileIssue, useFileFields } from "./use-files";

interface Props {
  issues: FileIssue[];
  fields: NonNullable<ReturnType<typeof useFileFields>>;
  onGo: (key: string) => void;
}

/** Everything that the checks say, errors first; each leads to its field. */
export function Wrong({ issues, fields, onGo }: Props) {
  const { t, pick } = useWords();
  const errors = issues.filter((one) => one.severity === "error");
  const sorted = [...errors, ...issues.filter((one) => one.severity !== "error")];
  return (
    <section className="card" data-testid="file-wrong">
      <h3>
        {t("file.issues")}
        {errors.length > 0 && <span className="file-error"> {t("file.errors", { count: errors.length })}</span>}
        {issues.length > errors.length && <span className="file-warning"> {t("file.warnings", { count: issues.length - errors.length })}</span>}
      </h3>
      {issues.length === 0 && <p className="status-online">✓ {t("file.allRight")}</p>}
      <ul className="file-wrong">
        {sorted.map((one) => {
          const field = fields.byKey.get(one.field);
          return (
            <li key={`${one.field} ${one.check}`}>
              <button type="button" onClick={() => onGo(one.field)}>
                <span className={`file-${one.severity}`}>{one.severity === "error" ? "▲" : "◆"}</span> {field === undefined ? one.field : pick(field.zh, field.en)}
                <span className="quiet"> {pick(one.zh, one.en)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
