import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { pointState, type AlarmPoints } from "../../ui/map/alarm-points";
import { Priority, type AlarmPriority } from "../../ui/Priority";
import { Refused } from "../../ui/Refused";
import { useMay } from "../../ui/signed-in";
import { useTime } from "../../ui/time";
import { alarmToDesk } from "../../ui/to-alarm";
import { useCameraName } from "../../ui/use-camera";
import { PointSign } from "./AlarmLegend";

interface Props {
  points: AlarmPoints;
  /** Of those that stand at the place, their places in the columns. */
  places: readonly number[];
  at: number;
  onAt: (at: number) => void;
  onClose: () => void;
  /** Shows this camera on the map. */
  onCamera: (code: string) => void;
}

/** The alarm point chosen on the map: how it is, what rings there, and what looks at it. */
export function ChosenPoint({ points, places, at, onAt, onClose, onCamera }: Props) {
  const { t } = useWords();
  const time = useTime();
  const may = useMay();
  const id = points.ids[at] ?? 0;
  const found = useQuery({ queryKey: ["situation", "alarm-point", id], queryFn: () => body(api.GET("/api/v1/alarm-points", { params: { query: { id: [id] } } })) });
  const point = found.data?.items[0];
  const state = pointState(points, at);
  const rings = points.ringing.find((one) => one.at === at);
  return (
    <section className="chosen chosen-point" aria-label={points.names[at]} data-testid="chosen-point" data-point={id} data-state={state}>
      <header>
        <PointSign state={state} />
        <span>{t(`situation.points.${state}`)}</span>
        <b className="name" title={points.names[at]}>{points.names[at]}</b>
        <button title={t("situation.close")} aria-label={t("situation.close")} data-testid="close-point" onClick={onClose}>
          ✕
        </button>
      </header>
      {places.length > 1 && (
        <div className="point-others" role="group" aria-label={t("situation.points.here", { count: places.length })}>
          {places.map((one) => (
            <button key={one} aria-pressed={one === at} onClick={() => onAt(one)}>
              {points.ringing.some((of) => of.at === one) && "! "}
              {points.names[one]}
            </button>
          ))}
        </div>
      )}
      {rings !== undefined && (
        <div className="point-rings" role="status" data-testid="point-rings">
          <Priority priority={rings.priority as AlarmPriority} />
          <b>{t(rings.taken ? "situation.points.taken" : "situation.points.free")}</b>
          <Link to="/alarms" data-testid="point-alarm" onClick={() => alarmToDesk(rings.alarm)}>
            {t("situation.points.toAlarm")}
          </Link>
        </div>
      )}
      <dl className="facts">
        <dt>{t("points.site")}</dt>
        <dd>{points.sites[at]}</dd>
        <dt>{t("points.point")}</dt>
        <dd>
          {t(`points.kind.${points.kinds[at] ?? "zone"}`)} · {points.accounts[at]} / {points.zones[at]}
        </dd>
        {point !== undefined && (
          <>
            <dt>{t("points.area")}</dt>
            <dd>{point.area_name}</dd>
            <dt>{t("points.heard")}</dt>
            <dd>{point.signalled_at === null ? "—" : time(point.signalled_at)}</dd>
            {point.test !== null && (
              <>
                <dt>{t("points.state.tested")}</dt>
                <dd>{t("points.test.until", { at: time(point.test.until), by: point.test.by, reason: point.test.reason })}</dd>
              </>
            )}
          </>
        )}
        <dt>{t("points.place")}</dt>
        <dd>
          {points.longitudes[at]?.toFixed(5)}, {points.latitudes[at]?.toFixed(5)}
          {point !== undefined && point.longitude === null && <span className="quiet"> {t("situation.points.ofSite")}</span>}
        </dd>
        <dt>{t("points.cameras")}</dt>
        <dd>{point !== undefined && <PointCameras point={point} onCamera={onCamera} />}</dd>
      </dl>
      {found.error !== null && <Refused error={found.error} />}
      {may("manage-devices") && (
        <footer>
          <Link to="/alarm-points">{t("nav.alarmPoints")}</Link>
        </footer>
      )}
    </section>
  );
}

function PointCameras({ point, onCamera }: { point: Schemas["AlarmPointShape"]; onCamera: (code: string) => void }) {
  const { t } = useWords();
  const looks = point.camera === "" ? [] : [{ camera: point.camera, preset: point.preset }, ...point.others];
  if (looks.length === 0 && point.hidden === 0) return <span className="quiet">{t("points.cameras.none")}</span>;
  return (
    <ul className="point-cameras">
      {looks.map(({ camera, preset }) => (
        <li key={camera}>
          <button data-testid={`point-camera-${camera}`} onClick={() => onCamera(camera)}>
            <CameraName code={camera} />
          </button>
          {preset !== null && <span className="quiet"> {t("points.preset.at", { number: preset })}</span>}
        </li>
      ))}
      {point.hidden > 0 && <li className="quiet">{t("situation.points.hidden", { count: point.hidden })}</li>}
    </ul>
  );
}

function CameraName({ code }: { code: string }) {
  return useCameraName(code);
}
