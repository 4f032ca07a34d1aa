import { useWords } from "../../ui/language";
import { worded } from "./FieldRow";
import type { DeviceFile, useFileFields } from "./use-files";

/** What a change after approval would make of the file: it waits for somebody else. */
export function ChangeWaits({ file, fields }: { file: DeviceFile; fields: NonNullable<ReturnType<typeof useFileFields>> }) {
  const { t, pick } = useWords();
  return (
    <section className="card file-change" data-testid="change-waits">
      <h3>{t("file.change.title", { by: file.change_name })}</h3>
      <p className="quiet">{t("file.change.help")}</p>
      <ul className="file-diff">
        {Object.entries(file.change).map(([key, value]) => {
          const field = fields.byKey.get(key);
          if (field === undefined) return null;
          return (
            <li key={key}>
              <b>{pick(field.zh, field.en)}</b> <del>{worded(field, file.values[key] ?? "", pick) || t("file.empty")}</del> → <ins>{worded(field, value, pick) || t("file.empty")}</ins>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
