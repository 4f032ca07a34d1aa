import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, InputNumber, Popconfirm, Radio, Select, Space } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { ActButton, useAct } from "../../ui/act";
import { useWords } from "../../ui/language";

type Patrol = Schemas["PatrolShape"];
interface Draft {
  number: number;
  name: string;
  presets: number[];
  stay_s: number;
  speed: number;
  by_device: boolean;
}

/** Rounds over presets: gone by the camera itself, or by the node for a camera that has none. */
export function Patrols({ code }: { code: string }) {
  const { t } = useWords();
  const { act } = useAct();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>();
  const path = { params: { path: { code } } };
  const key = ["patrols", code];
  const patrols = useQuery({ queryKey: key, retry: false, refetchInterval: 10_000, queryFn: () => body(api.GET("/api/v1/cameras/{code}/patrols", path)) }).data?.items ?? [];
  const presets = useQuery({ queryKey: ["presets", code], retry: false, queryFn: () => body(api.GET("/api/v1/cameras/{code}/presets", path)) }).data?.items ?? [];
  const then = (call: Promise<unknown>) => call.then(() => queries.invalidateQueries({ queryKey: key }));
  const at = (number: number) => ({ params: { path: { code, number } } });
  const free = Array.from({ length: 256 }, (_, number) => number).find((number) => number > 0 && !patrols.some((one) => one.number === number)) ?? 1;
  const keep = ({ number, presets: chosen, stay_s, ...rest }: Draft) =>
    then(api.PUT("/api/v1/cameras/{code}/patrols/{number}", { ...at(number), body: { ...rest, stops: chosen.map((preset) => ({ preset, stay_s })) } })).then(() => setDraft(undefined));
  return (
    <section className="card" data-testid="patrols">
      <h3>{t("patrol.title")}</h3>
      {patrols.map((one) => (
        <div key={one.number} className="patrol-row" data-testid={`patrol-${one.number}`}>
          <div className="preset-words">
            <span className="preset-name">
              {one.number} · {one.name === "" ? t("patrol.title") : one.name}
              {one.running && <b>{t("patrol.running", { name: one.begun_by })}</b>}
            </span>
            <span className="quiet">
              {points(one)} · {t(one.by_device ? "patrol.byDevice" : "patrol.byNode")}
            </span>
          </div>
          {one.made_here && (
            <Space size={4}>
              {one.running ? (
                <ActButton size="small" act={() => then(api.POST("/api/v1/cameras/{code}/patrols/stop", path))}>
                  {t("patrol.stop")}
                </ActButton>
              ) : (
                <ActButton size="small" act={() => then(api.POST("/api/v1/cameras/{code}/patrols/{number}/start", at(one.number)))}>
                  {t("patrol.start")}
                </ActButton>
              )}
              <Popconfirm title={t("patrol.delete.sure", { number: one.number })} okText={t("camera.preset.delete")} cancelText={t("cancel")} onConfirm={() => act(() => then(api.DELETE("/api/v1/cameras/{code}/patrols/{number}", at(one.number))))}>
                <Button size="small" danger>
                  {t("camera.preset.delete")}
                </Button>
              </Popconfirm>
            </Space>
          )}
        </div>
      ))}
      {patrols.length === 0 && draft === undefined && <div className="hint">{t("patrol.none")}</div>}
      {draft === undefined ? (
        <Button size="small" data-testid="patrol-new" onClick={() => setDraft({ number: free, name: "", presets: [], stay_s: 15, speed: 5, by_device: true })}>
          {t("patrol.new")}
        </Button>
      ) : (
        <div className="patrol-draft">
          <Input value={draft.name} maxLength={32} aria-label={t("patrol.name")} placeholder={t("patrol.name")} onChange={(event) => setDraft({ ...draft, name: event.target.value })} />
          <Select<number[]> mode="multiple" value={draft.presets} aria-label={t("patrol.points")} placeholder={t("patrol.points")} data-testid="patrol-points" onChange={(chosen) => setDraft({ ...draft, presets: chosen })} options={presets.filter((one) => one.allowed).map((one) => ({ value: one.number, label: `${one.number} · ${one.name}` }))} />
          <Space wrap>
            <InputNumber min={1} max={4095} value={draft.stay_s} addonAfter={t("patrol.seconds")} aria-label={t("patrol.stay")} prefix={t("patrol.stay")} style={{ width: 160 }} onChange={(value) => setDraft({ ...draft, stay_s: value ?? 15 })} />
            <InputNumber min={1} max={15} value={draft.speed} aria-label={t("camera.speed")} prefix={t("camera.speed")} style={{ width: 110 }} onChange={(value) => setDraft({ ...draft, speed: value ?? 5 })} />
          </Space>
          <Radio.Group
            value={draft.by_device}
            onChange={(event) => setDraft({ ...draft, by_device: event.target.value === true })}
            options={[
              { value: true, label: t("patrol.byDevice") },
              { value: false, label: t("patrol.byNode") },
            ]}
          />
          <Space>
            <ActButton size="small" type="primary" disabled={draft.presets.length === 0} act={() => keep(draft)}>
              {t("patrol.save")}
            </ActButton>
            <Button size="small" onClick={() => setDraft(undefined)}>
              {t("cancel")}
            </Button>
          </Space>
        </div>
      )}
    </section>
  );
}

function points({ stops }: Patrol): string {
  return stops.map((one) => `${one.preset}(${one.stay_s}s)`).join(" → ");
}
