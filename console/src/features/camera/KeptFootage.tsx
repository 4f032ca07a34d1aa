import { useQuery } from "@tanstack/react-query";
import { Space } from "antd";
import { api, body } from "../../api-client/client";
import { bytes } from "../../ui/figures";
import { useWords } from "../../ui/language";
import { useMay } from "../../ui/signed-in";
import { useTime } from "../../ui/time";
import { FootageHolds, NewHold } from "./FootageHolds";

/** How long this camera's footage is kept, what it takes on disk, and what is held of it. */
export function KeptFootage({ camera }: { camera: string }) {
  const { t } = useWords();
  const time = useTime();
  const may = useMay();
  const path = { params: { path: { code: camera } } };
  const kept = useQuery({ queryKey: ["retention", camera], refetchInterval: 30_000, queryFn: () => body(api.GET("/api/v1/cameras/{code}/retention", path)) }).data;
  if (kept === undefined) return null;
  const { floor_days: floor, ceiling_days: ceiling, bytes_a_day: aDay } = kept;
  const held = kept.held === 0 ? t("kept.holds.none") : kept.overdue > 0 ? t("kept.holds.overdue", { count: kept.held, overdue: kept.overdue }) : t("kept.holds.count", { count: kept.held });
  return (
    <section className="card" data-testid="kept-footage">
      <h3>{t("kept.title")}</h3>
      <dl className="facts">
        <dt>{t("kept.bounds")}</dt>
        <dd data-testid="kept-bounds" title={kept.basis}>
          {kept.data_class === null || floor === null || ceiling === null ? <span className="doubtful">{t("kept.noPolicy")}</span> : `${t("kept.days", { floor, ceiling })} · ${t(`kept.class.${kept.data_class}`)}`}
        </dd>
        <dt>{t("kept.stored")}</dt>
        <dd data-testid="kept-stored">
          {kept.oldest === null ? t("kept.stored.none") : t("kept.stored.value", { bytes: bytes(kept.stored_bytes), oldest: time(kept.oldest) })}
          {kept.away_bytes > 0 && <div className="quiet">{t("kept.stored.away", { bytes: bytes(kept.away_bytes) })}</div>}
        </dd>
        <dt>{t("kept.aDay")}</dt>
        <dd data-testid="kept-a-day">{aDay === null ? <span className="quiet">{t("kept.aDay.none")}</span> : t("kept.aDay.value", { bytes: bytes(aDay) })}</dd>
        {aDay !== null && floor !== null && ceiling !== null && (
          <>
            <dt>{t("kept.ceiling")}</dt>
            <dd>{t("kept.ceiling.value", { floor: bytes(aDay * floor), ceiling: bytes(aDay * ceiling) })}</dd>
          </>
        )}
        <dt>{t("kept.holds")}</dt>
        <dd data-testid="kept-holds">{kept.overdue > 0 ? <span className="doubtful">{held}</span> : held}</dd>
      </dl>
      {may("open-ticket") && (
        <>
          {kept.held > 0 && <FootageHolds camera={camera} />}
          {may("view-recorded") && (
            <Space style={{ marginTop: 8 }}>
              <NewHold camera={camera} />
            </Space>
          )}
        </>
      )}
    </section>
  );
}
