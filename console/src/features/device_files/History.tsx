import { useQuery } from "@tanstack/react-query";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import type { TextKey } from "../../ui/texts";
import { useTime } from "../../ui/time";
import { worded } from "./FieldRow";
import type { useFileFields } from "./use-files";

interface Props {
  code: string;
  version: number;
  fields: NonNullable<ReturnType<typeof useFileFields>>;
}

/** Who changed what when, the newest first. */
export function History({ code, version, fields }: Props) {
  const { t, pick } = useWords();
  const time = useTime();
  const found = useQuery({ queryKey: ["files", "versions", code, version], queryFn: () => body(api.GET("/api/v1/device-files/{code}/versions", { params: { path: { code } } })) });
  return (
    <section className="card" data-testid="file-history">
      <h3>{t("file.history")}</h3>
      <ol className="file-history">
        {(found.data?.items ?? []).map((one) => (
          <li key={one.version}>
            <details>
              <summary>
                <b>{one.version}</b> {t(`file.did.${one.act}` as TextKey)} <span className="quiet">{one.by}</span> <time className="quiet figures">{time(one.at)}</time>
                {one.changes.length > 0 && <span className="quiet"> {t("file.fieldsChanged", { count: one.changes.length })}</span>}
                {!one.whole && <span className="file-error"> ▲ {t("file.notWhole.short")}</span>}
                {one.note !== "" && <q className="file-why">{one.note}</q>}
              </summary>
              <ul className="file-diff">
                {one.photo_changed && <li>{t("file.photo.changed")}</li>}
                {one.changes.map((change) => {
                  const field = fields.byKey.get(change.field);
                  return (
                    <li key={change.field}>
                      <b>{field === undefined ? change.field : pick(field.zh, field.en)}</b> {change.old !== "" && field !== undefined && <del>{worded(field, change.old, pick)}</del>} <ins>{field === undefined || change.new === "" ? t("file.empty") : worded(field, change.new, pick)}</ins>
                    </li>
                  );
                })}
              </ul>
            </details>
          </li>
        ))}
      </ol>
    </section>
  );
}
