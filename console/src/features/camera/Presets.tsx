import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, InputNumber, Popconfirm, Space } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { ActButton, useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import { ScreenMark } from "../../ui/player/ScreenMark";
import "./ptz.css";

/** Presets as the camera lists them, each with its picture; go, keep the present view, delete, make one the home position. */
export function Presets({ code }: { code: string }) {
  const { t } = useWords();
  const { act } = useAct();
  const queries = useQueryClient();
  const [number, setNumber] = useState(3);
  const [name, setName] = useState("");
  const key = ["presets", code];
  const path = { params: { path: { code } } };
  const presets = useQuery({ queryKey: key, retry: false, refetchInterval: 10_000, queryFn: () => body(api.GET("/api/v1/cameras/{code}/presets", path)) });
  const home = useQuery({ queryKey: ["home", code], retry: false, queryFn: () => body(api.GET("/api/v1/cameras/{code}/home-position", path)) }).data;
  const then = (call: Promise<unknown>) => call.then(() => Promise.all([queries.invalidateQueries({ queryKey: key }), queries.invalidateQueries({ queryKey: ["home", code] })]));
  const at = (wanted: number) => ({ params: { path: { code, number: wanted } } });
  const isHome = (wanted: number) => home?.enabled === true && home.preset === wanted;
  return (
    <section className="card">
      <h3>{t("camera.presets")}</h3>
      {home?.known === true && (
        <div className="quiet home-line" data-testid="home-line">
          {home.enabled ? t(home.by_node ? "preset.home.byNode" : "preset.home.byDevice", { seconds: home.reset_time_s, number: home.preset }) : t("preset.home.off")}
        </div>
      )}
      {(presets.data?.items ?? []).map((preset) => (
        <div key={preset.number} className="preset-row" data-testid={`preset-${preset.number}`}>
          <div className={preset.has_picture ? "preset-picture marked" : "preset-picture"}>
            {preset.has_picture ? (
              <>
                <img src={`/api/v1/cameras/${code}/presets/${preset.number}/picture?${presets.dataUpdatedAt > 0 ? preset.name : ""}`} alt={t("preset.picture", { name: preset.name })} />
                <ScreenMark />
              </>
            ) : (
              <span title={t("preset.noPicture")}>{preset.number}</span>
            )}
          </div>
          <div className="preset-words">
            <span className="preset-name">
              {preset.number} · {preset.name}
              {isHome(preset.number) && <b>{t("camera.home")}</b>}
              {!preset.allowed && <i>{t("preset.outside")}</i>}
            </span>
            <Space size={4}>
              <ActButton size="small" disabled={!preset.allowed} act={() => then(api.POST("/api/v1/cameras/{code}/presets/{number}/go", at(preset.number)))}>
                {t("camera.preset.go")}
              </ActButton>
              <ActButton size="small" disabled={!preset.allowed} title={t("camera.home.set")} act={() => then(api.PUT("/api/v1/cameras/{code}/home-position", { ...path, body: { enabled: true, preset: preset.number, reset_time_s: 60, by_node: home?.by_node ?? false } }))}>
                {t("camera.home")}
              </ActButton>
              <Popconfirm title={t("camera.preset.delete.sure", { number: preset.number })} okText={t("camera.preset.delete")} cancelText={t("cancel")} onConfirm={() => act(() => then(api.DELETE("/api/v1/cameras/{code}/presets/{number}", at(preset.number))))}>
                <Button size="small" danger>
                  {t("camera.preset.delete")}
                </Button>
              </Popconfirm>
            </Space>
          </div>
        </div>
      ))}
      {presets.data?.items.length === 0 && <div className="hint">{t("camera.preset.none")}</div>}
      <Space wrap style={{ marginTop: 8 }}>
        <InputNumber min={1} max={255} value={number} aria-label={t("camera.preset.number")} onChange={(value) => setNumber(value ?? 1)} style={{ width: 64 }} />
        <Input style={{ width: 120 }} value={name} maxLength={32} aria-label={t("camera.preset.name")} placeholder={t("camera.preset.name")} onChange={(event) => setName(event.target.value)} />
        <ActButton act={() => then(api.PUT("/api/v1/cameras/{code}/presets/{number}", { ...at(number), body: { name } }))}>{t("camera.preset.set")}</ActButton>
      </Space>
    </section>
  );
}
