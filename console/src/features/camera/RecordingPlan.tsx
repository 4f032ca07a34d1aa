import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Segmented, Space } from "antd";
import { useState } from "react";
import { api, body, type Camera } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { useWords } from "../../ui/language";
import { useRecordNow } from "../../ui/record/use-record-now";
import { EventTimes } from "./EventTimes";
import { HoursRows } from "./HoursRows";
import { MODES, isWhole, type Draft, type Hours, type Mode } from "./recording-hours";
import { RecordingState } from "./RecordingState";
import { WeekStrip } from "./WeekStrip";

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
  const now = useRecordNow(camera.code, camera.name);
  const key = ["recording-plan", camera.code];
  const path = { params: { path: { code: camera.code } } };
  const plan = useQuery({ queryKey: key, refetchInterval: 5_000, queryFn: () => body(api.GET("/api/v1/cameras/{code}/recording-plan", path)) }).data;
  if (plan === undefined) return null;
  const shown: Draft = { mode: plan.mode, stream: plan.stream, hours: plan.hours, before_s: plan.before_s, after_s: plan.after_s, ...draft };
  const changed = Object.keys(draft).length > 0;
  const choose = (mode: Mode) => setDraft({ ...draft, mode, hours: mode !== "schedule" ? [] : shown.hours.length > 0 ? shown.hours : [{ days: [1, 2, 3, 4, 5], from: "07:00", to: "19:00" }] });
  const save = () => void act(() => api.PUT("/api/v1/cameras/{code}/recording-plan", { ...path, body: shown }).then(() => queries.invalidateQueries({ queryKey: key })).then(() => setDraft({})));
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
          <Segmented<Mode> value={shown.mode} aria-label={t("recording.plan")} onChange={choose} options={MODES.map((mode) => ({ value: mode, label: t(`recording.mode.${mode}`) }))} />
          {camera.streams.length > 1 && shown.mode !== "off" && (
            <Segmented<"main" | "sub">
              value={shown.stream}
              aria-label={t("recording.stream")}
              onChange={(stream) => setDraft({ ...draft, stream })}
              options={[
                { value: "main", label: t("camera.main") },
                { value: "sub", label: t("camera.sub") },
              ]}
            />
          )}
        </Space>
      )}
      {shown.mode === "schedule" && <WeekStrip hours={shown.hours} />}
      {shown.mode === "schedule" && mayChange && <HoursRows hours={shown.hours} onChange={(hours: Hours[]) => setDraft({ ...draft, hours })} />}
      {shown.mode === "event" && mayChange && <EventTimes times={shown} onChange={(change) => setDraft({ ...draft, ...change })} />}
      {changed && (
        <Space style={{ marginTop: 8 }}>
          <Button type="primary" loading={busy} disabled={!isWhole(shown)} data-testid="save-recording" onClick={save}>
            {t("recording.save")}
          </Button>
          <Button onClick={() => setDraft({})}>{t("record.undo")}</Button>
        </Space>
      )}
      {changed && shown.mode === "off" && plan.mode !== "off" && <p className="quiet fields-note">{t("recording.off.help")}</p>}
      {mayRecord && plan.state !== "recording" && (
        <Button style={{ marginTop: 8 }} data-testid="record-now" onClick={now.ask}>
          {t("act.recording.now")}
        </Button>
      )}
      {now.dialog}
    </section>
  );
}
