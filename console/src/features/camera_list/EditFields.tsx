import { Button, Input, Select, TreeSelect } from "antd";
import { CLASSES } from "../../ui/camera-classes";
import { areaTree, useDivisions } from "../../ui/divisions";
import { useFileFields } from "../../ui/files/fields";
import { FieldInput } from "../../ui/files/FieldInput";
import { useWords } from "../../ui/language";
import { useTagOptions } from "../../ui/tag-options";
import type { Draft } from "./order";

const HOWS = ["prefix", "suffix", "replace", "device"] as const;
const DEVICE = "device";

interface Props {
  draft: Draft;
  onChange: (change: Partial<Draft>) => void;
}

/** What is to change; what is left alone stays as it is in each camera. */
export function EditFields({ draft, onChange }: Props) {
  const { t, pick } = useWords();
  const divisions = useDivisions();
  const fields = useFileFields();
  const known = useTagOptions();
  const clean = (typed: string[]) => [...new Set(typed.map((tag) => tag.trim().slice(0, 64)).filter((tag) => tag !== ""))];
  const offered = (fields?.fields ?? []).filter((one) => one.many && !(one.key in draft.file)).map((one) => ({ value: one.key, label: pick(one.zh, one.en) }));
  const { area, ...noArea } = draft;
  const stays = t("edit.stays");
  return (
    <div className="edit-fields">
      <label>
        <span>{t("edit.name")}</span>
        <span className="edit-name">
          <Select allowClear value={draft.how} placeholder={stays} aria-label={t("edit.name")} data-testid="edit-how" options={HOWS.map((how) => ({ value: how, label: t(`edit.how.${how}`) }))} onChange={(how: Draft["how"]) => onChange({ how })} />
          {draft.how === "replace" && <Input value={draft.find} maxLength={64} placeholder={t("edit.find")} aria-label={t("edit.find")} data-testid="edit-find" onChange={(event) => onChange({ find: event.target.value })} />}
          {draft.how !== undefined && draft.how !== "device" && <Input value={draft.text} maxLength={64} placeholder={t(draft.how === "replace" ? "edit.by" : "edit.text")} aria-label={t(draft.how === "replace" ? "edit.by" : "edit.text")} data-testid="edit-text" onChange={(event) => onChange({ text: event.target.value })} />}
        </span>
      </label>
      <label>
        <span>{t("edit.tagsAdd")}</span>
        <Select<string[]> mode="tags" value={draft.tagsAdd} maxCount={16} options={known} placeholder={t("edit.tagsAdd.example")} aria-label={t("edit.tagsAdd")} data-testid="edit-tags-add" onChange={(typed) => onChange({ tagsAdd: clean(typed) })} />
      </label>
      <label>
        <span>{t("edit.tagsRemove")}</span>
        <Select<string[]> mode="tags" value={draft.tagsRemove} maxCount={16} options={known} placeholder={stays} aria-label={t("edit.tagsRemove")} data-testid="edit-tags-remove" onChange={(typed) => onChange({ tagsRemove: clean(typed) })} />
      </label>
      <label>
        <span>{t("edit.class")}</span>
        <Select allowClear value={draft.cameraClass} placeholder={stays} aria-label={t("edit.class")} data-testid="edit-class" options={[...CLASSES.map((one) => ({ value: one, label: t(`class.${one}`) })), { value: "" as const, label: t("edit.classByNode") }]} onChange={(cameraClass: Draft["cameraClass"]) => onChange({ cameraClass })} />
      </label>
      <label>
        <span>{t("edit.area")}</span>
        <TreeSelect<string>
          allowClear
          value={area === "" ? DEVICE : area}
          treeData={[{ value: DEVICE, title: t("edit.areaByDevice"), children: [] }, ...areaTree(divisions.data?.items ?? [], undefined)]}
          placeholder={stays}
          aria-label={t("edit.area")}
          data-testid="edit-area"
          showSearch={{ treeNodeFilterProp: "title" }}
          styles={{ popup: { root: { maxHeight: 380, minWidth: 300 } } }}
          onChange={(chosen: string | undefined) => onChange(chosen === undefined ? { ...noArea, area: undefined } : { area: chosen === DEVICE ? "" : chosen })}
        />
      </label>
      {Object.entries(draft.file).map(([key, value]) => {
        const field = fields?.byKey.get(key);
        if (field === undefined) return null;
        return (
          <div className="edit-file" key={key}>
            <span>{pick(`档案·${field.zh}`, `File · ${field.en}`)}</span>
            <FieldInput field={field} value={value} disabled={false} status="" onChange={(typed) => onChange({ file: { ...draft.file, [key]: typed } })} />
            <Button type="text" aria-label={t("edit.fieldAway")} title={t("edit.fieldAway")} onClick={() => onChange({ file: Object.fromEntries(Object.entries(draft.file).filter(([other]) => other !== key)) })}>
              ✕
            </Button>
          </div>
        );
      })}
      <label>
        <span>{t("edit.file")}</span>
        <Select<string> showSearch={{ optionFilterProp: "label" }} value={null as unknown as string} placeholder={t("edit.fieldAdd")} aria-label={t("edit.fieldAdd")} data-testid="edit-field" options={offered} onChange={(key: string) => onChange({ file: { ...draft.file, [key]: "" } })} />
      </label>
      {Object.values(draft.file).includes("") && <p className="quiet edit-note">{t("edit.fieldEmpty")}</p>}
    </div>
  );
}
