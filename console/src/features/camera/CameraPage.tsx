import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Segmented, Select, Tag } from "antd";
import { useState } from "react";
import { api, body } from "../../api-client/client";
import { CLASSES, PROTECTION, type CameraClass } from "../../ui/camera-classes";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { LiveTile } from "../../ui/player/LiveTile";
import { chosenProtocol } from "../../ui/player/protocol";
import { ActButton, useAct } from "../../ui/act";
import { ScreenMark } from "../../ui/player/ScreenMark";
import { Refused } from "../../ui/Refused";
import { useMay } from "../../ui/signed-in";
import { StatusMark } from "../../ui/status";
import { isSteerable } from "../../ui/steerable";
import { Trace } from "../../ui/Trace";
import { CameraOutputs } from "./CameraOutputs";
import { Details } from "./Details";
import { KeptFootage } from "./KeptFootage";
import { MaskDrawing } from "./MaskDrawing";
import { ViewRequest, type WantedView } from "./MaskRequests";
import { LooserClass } from "./LooserClass";
import { isBlackAt, Masks, useMasks } from "./Masks";
import type { Corner } from "./mask-shape";
import { OwnRecord } from "./OwnRecord";
import { Patrols } from "./Patrols";
import { Presets } from "./Presets";
import { PtzPad } from "./PtzPad";
import { RecordedDays } from "./RecordedDays";
import { RecordingPlan } from "./RecordingPlan";
import { Sector } from "./Sector";
import "./camera.css";

/** One camera: picture, state, PTZ, presets, and what its device said last. */
export function CameraPage({ code }: { code: string }) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const may = useMay();
  const [stream, setStream] = useState<"main" | "sub">("main");
  const [taken, setTaken] = useState("");
  const [wanted, setWanted] = useKept<CameraClass>(`class wanted for ${code}`);
  const [drawing, setDrawing] = useKept<{ name: string; preset: number }>(`drawing on ${code}`);
  const [opening, setOpening] = useKept<WantedView>(`view to be opened on ${code}`);
  const queries = useQueryClient();
  const masks = useMasks(code).data;
  const found = useQuery({ queryKey: ["cameras", code], queryFn: () => body(api.GET("/api/v1/cameras/{code}", { params: { path: { code } } })) });
  const camera = found.data;
  const hide = (name: string, preset: number, points: Corner[]) => {
    setDrawing(undefined);
    if (masks !== undefined && isBlackAt(masks, preset)) return setOpening({ name, preset, points });
    void act(() => body(api.POST("/api/v1/cameras/{code}/masks", { params: { path: { code } }, body: { name, preset, points } })).then(() => queries.invalidateQueries({ queryKey: ["masks", code] })));
  };
  const classify = (camera_class: CameraClass) => {
    if (camera !== undefined && PROTECTION[camera_class] <= PROTECTION[camera.camera_class]) return setWanted(camera_class);
    void act(() => api.PATCH("/api/v1/cameras/{code}", { params: { path: { code } }, body: { camera_class } }).then(() => queries.invalidateQueries({ queryKey: ["cameras", code] })));
  };
  if (camera === undefined) return found.isError ? <Refused error={found.error} extra={<Link to="/">{t("camera.back")}</Link>} /> : <div className="hint">{t("loading")}</div>;
  return (
    <div className="padded camera">
      <div>
        <div className={may("view-live") ? "stage" : "card"}>
          {may("view-live") ? <LiveTile key={stream} camera={code} name={camera.name} protocol={chosenProtocol()} choice={stream} steerable={isSteerable(camera.ptz_type)} testId="camera-picture">
            {drawing !== undefined && <MaskDrawing others={(masks?.items ?? []).filter((mask) => mask.preset === drawing.preset).map((mask) => mask.points as Corner[])} onDone={(points) => hide(drawing.name, drawing.preset, points)} onCancel={() => setDrawing(undefined)} />}
          </LiveTile> : (
            <>
              <h2 className="camera-name">{camera.name}</h2>
              <span className="quiet">{t("camera.noPicture")}</span>
            </>
          )}
        </div>
        <div style={{ display: "flex", flexWrap: "wrap", gap: 8, margin: "10px 0", alignItems: "center" }}>
          {may("view-live") && camera.streams.length > 1 && (
            <Segmented<"main" | "sub">
              value={stream}
              onChange={setStream}
              options={[
                { value: "main", label: t("camera.main") },
                { value: "sub", label: t("camera.sub") },
              ]}
            />
          )}
          {may("view-live") && <Button onClick={() => setTaken(`/api/v1/cameras/${code}/picture?${Date.now()}`)}>{t("camera.takePicture")}</Button>}
          {may("control") && <ActButton act={() => api.POST("/api/v1/cameras/{code}/key-frame", { params: { path: { code } } })}>{t("camera.keyFrame")}</ActButton>}
          <span style={{ flex: 1 }} />
          {may("view-live") ? <Link to="/">{t("camera.back")}</Link> : <Link to="/devices/$code" params={{ code: camera.device }}>{t("camera.backToDevice")}</Link>}
        </div>
        {taken !== "" && (
          <section className="card">
            <h3>{t("camera.picture")}</h3>
            <div className="marked">
              <img src={taken} alt={camera.name} style={{ maxWidth: "100%" }} data-testid="still" />
              <ScreenMark />
            </div>
          </section>
        )}
        {may("manage-devices") && (
          <section className="card last">
            <h3>{t("camera.trace")}</h3>
            <Trace device={camera.device} />
          </section>
        )}
      </div>
      <div>
        <section className="card">
          <h3>{t("camera.facts")}</h3>
          <dl className="facts">
            <dt>{t("device.status")}</dt>
            <dd>
              <StatusMark status={camera.status} withText />
            </dd>
            <dt>{t("camera.code")}</dt>
            <dd>{camera.code}</dd>
            <dt>{t("camera.area")}</dt>
            <dd>{camera.area_name}</dd>
            <dt>{t("class.title")}</dt>
            <dd>
              {may("manage-devices") ? (
                <Select<CameraClass> size="small" style={{ width: "100%" }} value={camera.camera_class} loading={busy} disabled={busy} data-testid="camera-class" aria-label={t("class.title")} onChange={classify} options={CLASSES.map((value) => ({ value, label: t(`class.${value}`) }))} />
              ) : (
                t(`class.${camera.camera_class}`)
              )}
            </dd>
            <dt>{t("camera.device")}</dt>
            <dd>
              <Link to="/devices/$code" params={{ code: camera.device }}>
                {camera.device}
              </Link>
            </dd>
            <dt>{t("camera.maker")}</dt>
            <dd>
              {camera.maker} {camera.model}
            </dd>
            <dt>{t("camera.address")}</dt>
            <dd>{camera.address}</dd>
            {camera.longitude !== null && camera.latitude !== null && (
              <>
                <dt>{t("camera.place")}</dt>
                <dd>
                  {camera.longitude.toFixed(5)}, {camera.latitude.toFixed(5)}
                </dd>
              </>
            )}
            {camera.tags.length > 0 && (
              <>
                <dt>{t("record.tags")}</dt>
                <dd className="tags" data-testid="camera-tags">
                  {camera.tags.map((tag) => (
                    <Tag key={tag}>{tag}</Tag>
                  ))}
                </dd>
              </>
            )}
          </dl>
        </section>
        {may("look-around") && <RecordingPlan key={`recording ${code}`} camera={camera} mayChange={may("manage-devices")} mayRecord={may("view-live")} />}
        {may("look-around") && <RecordedDays key={`days ${code}`} camera={code} />}
        {may("look-around") && <KeptFootage key={`kept ${code}`} camera={code} />}
        <Details details={camera.details} ptzType={camera.ptz_type} />
        {isSteerable(camera.ptz_type) && may("control") && (
          <>
            <PtzPad code={code} />
            <Presets code={code} />
            <Patrols code={code} />
          </>
        )}
        {may("control") && <CameraOutputs code={code} />}
        {isSteerable(camera.ptz_type) && <Sector code={code} mayChange={may("manage-masks")} />}
        {may("manage-devices") && <OwnRecord key={code} camera={camera} />}
        {masks !== undefined && <Masks code={code} masks={masks} mayMask={may("manage-masks")} mayAskLift={may("view-unmasked")} drawing={drawing !== undefined || busy} onDraw={(name, preset) => setDrawing({ name, preset })} onClear={(preset) => hide("", preset, [])} onOpen={setOpening} />}
        {opening !== undefined && <ViewRequest code={code} wanted={opening} onClose={() => setOpening(undefined)} />}
        {wanted !== undefined && <LooserClass code={code} old={camera.camera_class} wanted={wanted} onClose={() => setWanted(undefined)} />}
      </div>
    </div>
  );
}
