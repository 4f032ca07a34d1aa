import { useQuery, useQueryClient } from "@tanstack/react-query";
import { InputNumber, Select, Space } from "antd";
import { useState } from "react";
import { api, body, type Schemas } from "../../api-client/client";
import { ActButton } from "../../ui/act";
import { useWords } from "../../ui/language";

type Bounds = Schemas["SectorShape"];
const WIDE: Bounds = { pan_from_deg: 0, pan_to_deg: 360, tilt_from_deg: -30, tilt_to_deg: 90, zoom_max: 1000, presets: [] };
const FIELDS = [
  ["pan_from_deg", "sector.panFrom", 0, 360],
  ["pan_to_deg", "sector.panTo", 0, 360],
  ["tilt_from_deg", "sector.tiltFrom", -90, 90],
  ["tilt_to_deg", "sector.tiltTo", -90, 90],
  ["zoom_max", "sector.zoomMax", 1, 1000],
] as const;

/** Where the camera may look (rule A11); whoever draws masks changes it. */
export function Sector({ code, mayChange }: { code: string; mayChange: boolean }) {
  const { t } = useWords();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Bounds>();
  const path = { params: { path: { code } } };
  const key = ["steering", code];
  const sector = useQuery({ queryKey: key, retry: false, queryFn: () => body(api.GET("/api/v1/cameras/{code}/steering", path)) }).data?.sector;
  const presets = useQuery({ queryKey: ["presets", code], retry: false, queryFn: () => body(api.GET("/api/v1/cameras/{code}/presets", path)) }).data?.items ?? [];
  const then = (call: Promise<unknown>) =>
    call.then(() => {
      setDraft(undefined);
      return Promise.all([queries.invalidateQueries({ queryKey: key }), queries.invalidateQueries({ queryKey: ["presets", code] })]);
    });
  if (sector === undefined || (sector === null && !mayChange)) return null;
  return (
    <section className="card" data-testid="sector">
      <h3>{t("sector.title")}</h3>
      {draft === undefined ? (
        <>
          <div className="quiet">{sector === null ? t("sector.none") : t("sector.is", { from: sector.pan_from_deg, to: sector.pan_to_deg, top: sector.tilt_from_deg, bottom: sector.tilt_to_deg, zoom: sector.zoom_max, presets: (sector.presets ?? []).join(", ") || "–" })}</div>
          {mayChange && (
            <Space style={{ marginTop: 6 }}>
              <ActButton size="small" act={() => Promise.resolve(setDraft(sector ?? WIDE))}>
                {t("sector.change")}
              </ActButton>
              {sector !== null && (
                <ActButton size="small" danger act={() => then(api.DELETE("/api/v1/cameras/{code}/sector", path))}>
                  {t("sector.remove")}
                </ActButton>
              )}
            </Space>
          )}
        </>
      ) : (
        <div className="patrol-draft">
          <div className="sector-fields">
            {FIELDS.map(([name, label, least, most]) => (
              <label key={name}>
                <span>{t(label)}</span>
                <InputNumber size="small" min={least} max={most} value={draft[name]} onChange={(value) => setDraft({ ...draft, [name]: value ?? least })} />
              </label>
            ))}
          </div>
          <Select<number[]> mode="multiple" value={draft.presets} aria-label={t("sector.presets")} placeholder={t("sector.presets")} onChange={(chosen) => setDraft({ ...draft, presets: chosen })} options={presets.map((one) => ({ value: one.number, label: `${one.number} · ${one.name}` }))} />
          <div className="quiet">{t("sector.help")}</div>
          <Space>
            <ActButton size="small" type="primary" act={() => then(api.PUT("/api/v1/cameras/{code}/sector", { ...path, body: draft }))}>
              {t("patrol.save")}
            </ActButton>
            <ActButton size="small" act={() => Promise.resolve(setDraft(undefined))}>
              {t("cancel")}
            </ActButton>
          </Space>
        </div>
      )}
    </section>
  );
}
