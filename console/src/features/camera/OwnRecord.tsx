import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Input, InputNumber, Select, Space, TreeSelect } from "antd";
import { useState } from "react";
import { ApiProblem, api, type Camera } from "../../api-client/client";
import { areaTree, useDivisions } from "../../ui/divisions";
import { useWords } from "../../ui/language";
import { useTellProblem } from "../../ui/problem";
import { useTagOptions } from "../../ui/tag-options";
import { OtherArea } from "./OtherArea";
import { changeOf, recorded, type Draft } from "./own-record";

const AXES = [
  { name: "longitude", label: "record.longitude", most: 180 },
  { name: "latitude", label: "record.latitude", most: 90 },
] as const;

/** The operator's own name, place, tags and basis for sound; an empty field leaves the device's word. */
export function OwnRecord({ camera }: { camera: Camera }) {
  const { t } = useWords();
  const tell = useTellProblem();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const divisions = useDivisions();
  const known = useTagOptions();
  const [draft, setDraft] = useState<Draft>({});
  const [moving, setMoving] = useState<string>();
  const shown = { ...recorded(camera), ...draft };
  const edit = (change: Draft) => setDraft((before) => ({ ...before, ...change }));
  const change = changeOf(camera, draft);
  const half = (shown.longitude === null) !== (shown.latitude === null);
  const saving = useMutation({
    /** True when something was written; a move to other people's area alone is only asked for. */
    mutationFn: async (wanted: Draft) => {
      try {
        await api.PATCH("/api/v1/cameras/{code}", { params: { path: { code: camera.code } }, body: wanted });
        return true;
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.problem.code !== "camera.area_needs_two") throw error;
        const { own_area, ...others } = wanted;
        const more = Object.keys(others).length > 0;
        if (more) await api.PATCH("/api/v1/cameras/{code}", { params: { path: { code: camera.code } }, body: others });
        setMoving(own_area ?? "");
        return more;
      }
    },
    onSuccess: async (written) => {
      await Promise.all([queries.invalidateQueries({ queryKey: ["cameras"] }), queries.invalidateQueries({ queryKey: ["areas"] })]);
      setDraft({});
      if (written) void message.success(t("record.saved"));
    },
    onError: tell,
  });
  return (
    <section className="card" data-testid="own-record">
      {moving !== undefined && <OtherArea code={camera.code} area={moving} name={divisions.data?.items.find((one) => one.code === moving)?.name ?? moving} onClose={() => setMoving(undefined)} />}
      <h3>{t("record.title")}</h3>
      <p className="quiet fields-note">{t("record.help")}</p>
      <form
        className="fields narrow"
        onSubmit={(event) => {
          event.preventDefault();
          if (change !== undefined) saving.mutate(change);
        }}
      >
        <label>
          <span>{t("record.name")}</span>
          <Input value={shown.own_name ?? ""} maxLength={256} placeholder={camera.reported_name} data-testid="own-name" onChange={(event) => edit({ own_name: event.target.value })} />
        </label>
        <label>
          <span>{t("record.area")}</span>
          <TreeSelect<string> value={shown.own_area || undefined} allowClear treeData={areaTree(divisions.data?.items ?? [], undefined)} placeholder={t("record.area.reported")} aria-label={t("record.area")} data-testid="own-area" showSearch={{ treeNodeFilterProp: "title" }} styles={{ popup: { root: { maxHeight: 380, minWidth: 300 } } }} onChange={(area: string | undefined) => edit({ own_area: area ?? "" })} />
        </label>
        {AXES.map(({ name, label, most }) => (
          <label key={name}>
            <span>{t(label)}</span>
            <InputNumber<number> value={shown[name]} min={-most} max={most} precision={6} controls={false} style={{ width: "100%" }} status={half && shown[name] === null ? "error" : ""} placeholder={camera.own_place ? "" : (camera[name]?.toFixed(6) ?? "")} data-testid={`own-${name}`} onChange={(value) => edit({ [name]: value })} />
          </label>
        ))}
        {half && <p className="wrong fields-note">{t("record.place.both")}</p>}
        <label>
          <span>{t("record.tags")}</span>
          <Select<string[]> mode="tags" value={shown.tags ?? []} maxCount={32} options={known} labelRender={({ value }) => value} placeholder={t("record.tags.example")} aria-label={t("record.tags")} data-testid="own-tags" onChange={(tags) => edit({ tags: tags.map((tag) => tag.trim().slice(0, 64)).filter((tag) => tag !== "") })} />
        </label>
        <label>
          <span>{t("record.basis")}</span>
          <Input.TextArea value={shown.audio_basis ?? ""} rows={3} maxLength={256} placeholder={t("record.basis.example")} data-testid="own-basis" onChange={(event) => edit({ audio_basis: event.target.value })} />
        </label>
        <p className="quiet fields-note">{t("record.basis.help")}</p>
        <Space>
          <Button type="primary" htmlType="submit" disabled={change === undefined} loading={saving.isPending} data-testid="save-record">
            {t("record.save")}
          </Button>
          <Button disabled={Object.keys(draft).length === 0} onClick={() => setDraft({})}>
            {t("record.undo")}
          </Button>
        </Space>
      </form>
    </section>
  );
}
