import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Input } from "antd";
import { useEffect, useState } from "react";
import { api, body } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useKept } from "../../ui/kept";
import { useWords } from "../../ui/language";
import { Acts } from "./Acts";
import { Bar } from "./Bar";
import { ChangeWaits } from "./ChangeWaits";
import { FileForm } from "./FileForm";
import { FileMark } from "../../ui/files/FileMark";
import { History } from "./History";
import { Photo } from "./Photo";
import { useChecked, type DeviceFile, type useFileFields, type Values } from "./use-files";
import { Wrong } from "./Wrong";

interface Props {
  code: string;
  file: DeviceFile | undefined;
  fields: NonNullable<ReturnType<typeof useFileFields>>;
}

const IN_FORCE = ["approved", "in-use", "repair"];

/** The form of one file with what belongs to it. */
export function EditFile({ code, file, fields }: Props) {
  const { t } = useWords();
  const queries = useQueryClient();
  const { busy, act } = useAct();
  const stored: Values = file?.values ?? { device_code: code };
  const [draft, setDraft] = useKept<Values>(`file ${code} at ${file?.version ?? 0}`, {});
  const [note, setNote] = useKept(`note to file ${code} at ${file?.version ?? 0}`, "");
  const [group, setGroup] = useState("base");
  const values = { ...stored, ...draft };
  const dirty = Object.keys(draft).some((key) => draft[key] !== (stored[key] ?? ""));
  const mayWrite = file === undefined || file.may_write;
  const checked = useChecked(code, values, mayWrite);
  const said = mayWrite && checked.data !== undefined ? checked.data : file;
  const taken = (fresh: DeviceFile | undefined) => {
    setDraft({});
    setNote("");
    if (fresh !== undefined) queries.setQueryData(["files", "one", code], fresh);
    return queries.invalidateQueries({ queryKey: ["files"] });
  };
  const save = () =>
    act(async () => {
      const path = { params: { path: { code } } };
      const whole = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
      if (file === undefined) return taken(await body(api.POST("/api/v1/device-files", { body: { code, values: whole, note: note.trim() } })));
      return taken(await body(api.PUT("/api/v1/device-files/{code}", { ...path, body: { version: file.version, values: whole, note: note.trim() } })));
    });
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key !== "s") return;
      event.preventDefault();
      if (dirty && mayWrite) void save();
    };
    window.addEventListener("keydown", keys);
    return () => window.removeEventListener("keydown", keys);
  });
  const goTo = (key: string) => {
    setGroup(fields.byKey.get(key)?.group ?? "base");
    requestAnimationFrame(() => {
      const row = document.getElementById(`file-field-${key}`);
      row?.scrollIntoView({ block: "center" });
      row?.querySelector<HTMLElement>("input, textarea")?.focus();
    });
  };
  return (
    <div className="padded files">
      <div className="page-head file-head">
        <Link to="/files">{t("file.back")}</Link>
        <h1>{values.name || t("file.unnamed")}</h1>
        <span className="figures quiet">{code}</span>
        {file === undefined ? <span className="file-warning">{t("file.new.none")}</span> : <FileMark state={file.state} />}
        <span className="quiet">{file?.area_name}</span>
        <span className="grow" />
        <span className="file-share">
          {t("file.completeness")} <Bar label="file.completeness" share={said?.completeness ?? 0} />
        </span>
        <span className="file-share">
          {t("file.correctness")} <Bar label="file.correctness" share={said?.correctness ?? 0} />
        </span>
        {mayWrite && (
          <>
            <Input value={note} maxLength={500} className="file-note" aria-label={t("file.note")} placeholder={t("file.note")} title={t("file.note.help")} data-testid="file-note" onChange={(event) => setNote(event.target.value)} />
            <Button disabled={!dirty} onClick={() => setDraft({})}>
              {t("file.undo")}
            </Button>
            <Button type="primary" disabled={file !== undefined && !dirty} loading={busy} title="Ctrl+S" data-testid="save-file" onClick={() => void save()}>
              {file === undefined ? t("file.open") : t("file.save")}
            </Button>
          </>
        )}
      </div>
      {file?.whole === false && (
        <div className="notice" role="alert">
          {t("file.notWhole")}
        </div>
      )}
      {file !== undefined && Object.keys(file.change).length > 0 && <ChangeWaits file={file} fields={fields} />}
      <div className="file-columns">
        <FileForm fields={fields} values={values} words={said?.words ?? {}} differing={said?.differing ?? []} withheld={file?.withheld ?? []} issues={said?.issues ?? []} mayWrite={mayWrite} fixed={["device_code", ...(file !== undefined && IN_FORCE.includes(file.state) ? ["status"] : [])]} group={group} onGroup={setGroup} onChange={(key, value) => setDraft((before) => ({ ...before, [key]: value }))} />
        <aside>
          {file !== undefined && <Acts file={file} dirty={dirty} onDone={taken} />}
          <Wrong issues={said?.issues ?? []} fields={fields} onGo={goTo} />
          {file !== undefined && <Photo file={file} onDone={taken} />}
          {file !== undefined && <History code={code} version={file.version} fields={fields} />}
        </aside>
      </div>
    </div>
  );
}
