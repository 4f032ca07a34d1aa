import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Segmented } from "antd";
import { useEffect, useState, type ReactNode, type SyntheticEvent } from "react";
import { api, body } from "../../api-client/client";
import { useAct } from "../act";
import { AskReason } from "../AskReason";
import { useWords } from "../language";
import { useTime } from "../time";

/** Seconds; 0: what the plan says of the time after an event. */
const CHOICES_S = [0, 60, 300, 600, 1_800] as const;
const stop = (event: SyntheticEvent) => event.stopPropagation();

export interface RecordNow {
  ask: () => void;
  /** It was asked for here, and lasts until then. */
  until: string | undefined;
  dialog: ReactNode;
}

/** Has a camera recorded at once, whatever its plan: how long, and why. */
export function useRecordNow(camera: string, name: string): RecordNow {
  const { t } = useWords();
  const time = useTime();
  const { act } = useAct();
  const { notification } = App.useApp();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [seconds, setSeconds] = useState<number>(0);
  const [until, setUntil] = useState<string>();
  const path = { params: { path: { code: camera } } };
  const plan = useQuery({ queryKey: ["recording-plan", camera], enabled: asking, queryFn: () => body(api.GET("/api/v1/cameras/{code}/recording-plan", path)) }).data;
  useEffect(() => setUntil(undefined), [camera]);
  useEffect(() => {
    if (until === undefined) return;
    const timer = setTimeout(() => setUntil(undefined), Math.max(0, Date.parse(until) - Date.now()));
    return () => clearTimeout(timer);
  }, [until]);
  const send = (reason: string) =>
    act(async () => {
      const found = await body(api.POST("/api/v1/cameras/{code}/record-now", { ...path, body: seconds === 0 ? { reason } : { reason, seconds } }));
      queries.setQueryData(["recording-plan", camera], found);
      const end = (found.event ?? found.other?.event)?.until;
      setUntil(end);
      notification.success({ key: `record-${camera}`, title: t("record.now.begun", { name }), description: end === undefined ? undefined : t("record.now.until", { time: time(end).slice(11) }), placement: "bottomRight", duration: 4 });
    });
  const label = (choice: number) => (choice === 0 ? t("record.now.byPlan", { count: plan?.after_s ?? 30 }) : t("record.now.minutes", { count: choice / 60 }));
  const dialog = (
    <span onClick={stop} onPointerDown={stop}>
      <AskReason name={`recording ${camera}`} open={asking} title={t("record.now.title", { name })} help={t(plan?.mode === "event" ? "record.now.help.held" : "record.now.help", { count: plan?.before_s ?? 0 })} label={t("record.now.reason")} okText={t("act.recording.now")} most={200} wordsFirst onClose={() => setAsking(false)} onSure={send}>
        <Segmented<number> block value={seconds} aria-label={t("record.now.length")} style={{ marginBottom: 12 }} onChange={setSeconds} options={CHOICES_S.map((value) => ({ value, label: label(value) }))} />
      </AskReason>
    </span>
  );
  return { ask: () => setAsking(true), until, dialog };
}
