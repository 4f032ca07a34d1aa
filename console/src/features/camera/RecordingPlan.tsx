import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Segmented, Space } from "antd";
import { useState } from "react";
import { api, body, type Camera } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import { useRecordNow } from "../../ui/record/use-record-now";
import { OtherStream } from "./OtherStream";
import { MODES, NOT_RECORDED, draftOf, isWhole, switched, type Draft, type Mode, type StreamDraft } from "./recording-hours";
import { RecordingState } from "./RecordingState";
import { StreamPlan } from "./StreamPlan";

interface Props {
  camera: Camera;
  mayChange: boolean;
  /** Have it recorded at once. */
  mayRecord: boolean;
}

/** What of a camera is recorded and how far that is on disk; who keeps devices changes it. */
export function RecordingPlan({ camera, mayChange, mayRecord }: Props) {
  const { t } = useWords();
  const { busy, act } = useAct();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Partial<Draft>>({});
  const [other, setOther] = useState<Partial<StreamDraft>>({});
  const now = useRecordNow(camera.code, camera.name);
  const key = ["recording-plan", camera.code];
  const path = { params: { path: { code: camera.code } } };
  const plan = useQuery({ queryKey: key, refetchInterval: 5_000, queryFn: () => body(api.GET("/api/v1/cameras/{code}/recording-plan", path)) }).data;
  if (plan === undefined) return null;
  const shown: Draft = { ...draftOf(plan), stream: plan.stream, ...draft };
  const beside: StreamDraft = { ...draftOf(plan.other ?? NOT_RECORDED), ...other };
  const two = camera.streams.length > 1 && shown.mode !== "off";
  const changed = Object.keys(draft).length + Object.keys(other).length > 0;
  const rests = plan.state !== "recording" || (plan.other !== null && plan.other.state !== "recording");
  const change = (some: Partial<Draft>) => setDraft({ ...draft, ...some });
  const undo = () => {
    setDraft({});
    setOther({});
  };
  const sent = two ? { ...shown, other: beside } : shown;
  const save = () => void act(() => api.PUT("/api/v1/cameras/{code}/recording-plan", { ...path, body: sent }).then(() => queries.invalidateQueries({ queryKey: key })).then(undo));
  return (
    <section className="card" data-testid="recording-plan">
      <h3>{t("recording.title")}</h3>
      <dl className="facts">
        <RecordingState plan={plan} />
        {!mayChange && (
          <>
            <dt>{t("recording.plan")}</dt>
            <dd>{t(`recording.mode.${plan.mode}`)}</dd>
          </>
        )}
      </dl>
      {mayChange && (
        <Space wrap style={{ margin: "8px 0" }}>
          <Segmented<Mode> value={shown.mode} aria-label={t("recording.plan")} onChange={(mode) => change(switched(shown, mode))} options={MODES.map((mode) => ({ value: mode, label: t(`recording.mode.${mode}`) }))} />
          {two && (
            <Segmented<"main" | "sub">
              value={shown.stream}
              aria-label={t("recording.stream")}
              onChange={(stream) => change({ stream })}
              options={[
                { value: "main", label: t("camera.main") },
                { value: "sub", label: t("camera.sub") },
              ]}
            />
          )}
        </Space>
      )}
      <StreamPlan shown={shown} mayChange={mayChange} onChange={change} />
      {two && <OtherStream plan={plan} own={shown.stream} shown={beside} mayChange={mayChange} onChange={(some) => setOther({ ...other, ...some })} />}
      {changed && (
        <Space style={{ marginTop: 8 }}>
          <Button type="primary" loading={busy} disabled={!isWhole(shown) || (two && !isWhole(beside))} data-testid="save-recording" onClick={save}>
            {t("recording.save")}
          </Button>
          <Button onClick={undo}>{t("record.undo")}</Button>
        </Space>
      )}
      {changed && shown.mode === "off" && plan.mode !== "off" && <p className="quiet fields-note">{t("recording.off.help")}</p>}
      {mayRecord && rests && (
        <Button style={{ marginTop: 8 }} data-testid="record-now" onClick={now.ask}>
          {t("act.recording.now")}
        </Button>
      )}
      {now.dialog}
    </section>
  );
}
