import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, InputNumber, Popconfirm, Space } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { ActButton, useAct } from "../../ui/act";

/** Presets as the camera lists them; go, keep the present view, delete, make one the home position. */
export function Presets({ code }: { code: string }) {
  const { t } = useWords();
  const { act } = useAct();
  const queries = useQueryClient();
  const [number, setNumber] = useState(3);
  const [name, setName] = useState("");
  const key = ["presets", code];
  const presets = useQuery({ queryKey: key, retry: false, queryFn: () => body(api.GET("/api/v1/cameras/{code}/presets", { params: { path: { code } } })) });
  const then = (call: Promise<unknown>) => call.then(() => queries.invalidateQueries({ queryKey: key }));
  const path = (wanted: number) => ({ params: { path: { code, number: wanted } } });
  return (
    <section className="card">
      <h3>{t("camera.presets")}</h3>
      {(presets.data?.items ?? []).map((preset) => (
        <div key={preset.number} style={{ display: "flex", gap: 6, alignItems: "center", padding: "3px 0" }}>
          <span style={{ width: 28, color: "var(--quiet)" }}>{preset.number}</span>
          <span style={{ flex: 1 }}>{preset.name}</span>
          <ActButton size="small" act={() => then(api.POST("/api/v1/cameras/{code}/presets/{number}/go", path(preset.number)))}>
            {t("camera.preset.go")}
          </ActButton>
          <ActButton size="small" title={t("camera.home.set")} act={() => then(api.PUT("/api/v1/cameras/{code}/home-position", { params: { path: { code } }, body: { enabled: true, preset: preset.number, reset_time_s: 60, by_node: false } }))}>
            {t("camera.home")}
          </ActButton>
          <Popconfirm title={t("camera.preset.delete.sure", { number: preset.number })} okText={t("camera.preset.delete")} cancelText={t("cancel")} onConfirm={() => act(() => then(api.DELETE("/api/v1/cameras/{code}/presets/{number}", path(preset.number))))}>
            <Button size="small" danger>
              {t("camera.preset.delete")}
            </Button>
          </Popconfirm>
        </div>
      ))}
      {presets.data?.items.length === 0 && <div className="hint">{t("camera.preset.none")}</div>}
      <Space wrap style={{ marginTop: 8 }}>
        <InputNumber min={1} max={255} value={number} aria-label={t("camera.preset.number")} onChange={(value) => setNumber(value ?? 1)} style={{ width: 64 }} />
        <Input style={{ width: 120 }} value={name} aria-label={t("camera.preset.name")} placeholder={t("camera.preset.name")} onChange={(event) => setName(event.target.value)} />
        <ActButton act={() => then(api.PUT("/api/v1/cameras/{code}/presets/{number}", { ...path(number), body: { name } }))}>{t("camera.preset.set")}</ActButton>
      </Space>
    </section>
  );
}
