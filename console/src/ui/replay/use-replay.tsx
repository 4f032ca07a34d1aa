import { useQuery } from "@tanstack/react-query";
import { App } from "antd";
import { useCallback, useEffect, useState, type ReactNode } from "react";
import { api, body } from "../../api-client/client";
import { useWords } from "../language";
import { useNews } from "../news";
import { useMay } from "../signed-in";
import { isWriting } from "../writing";
import { lackOf } from "./replayable";

const ASK_MS = 30_000;
const inDialog = (target: EventTarget | null) => target instanceof Element && target.closest("[role=dialog], [role=menu], [role=listbox]") !== null;

interface Moment {
  /** By the node's clock, in ms: what is replayed ends there. */
  atMs: number;
  stream: "main" | "sub";
}

export interface ReplayTile {
  /** Of a replay that stands in the place of the live picture. */
  moment: Moment | undefined;
  end: () => void;
  button: (testId: string) => ReactNode;
}

/** Whether a tile shows the minute just gone by instead of its live picture. Key R begins and ends it where `keyed`, Escape ends it. */
export function useReplay(camera: string, offered: boolean, keyed: boolean): ReplayTile {
  const { t } = useWords();
  const may = useMay();
  const { feed } = useNews();
  const { notification } = App.useApp();
  const allowed = may("view-recorded");
  const [moment, setMoment] = useState<Moment>();
  const plan = useQuery({ queryKey: ["recording-plan", camera], enabled: offered && allowed, retry: false, refetchInterval: ASK_MS, queryFn: () => body(api.GET("/api/v1/cameras/{code}/recording-plan", { params: { path: { code: camera } } })) }).data;
  const nowMs = useCallback(() => feed?.nodeNow() ?? Date.now(), [feed]);
  const lack = !allowed ? "right" : plan === undefined ? undefined : lackOf(plan, nowMs());
  const stream = plan?.stream ?? "main";
  const end = useCallback(() => setMoment(undefined), []);
  useEffect(() => setMoment(undefined), [camera]);
  const toggle = useCallback(() => {
    if (moment !== undefined) return setMoment(undefined);
    if (lack !== undefined) return notification.info({ key: `replay-${camera}`, title: t(`replay.lack.${lack}`), description: t(`replay.lack.${lack}.help`), placement: "bottomRight" });
    setMoment({ atMs: nowMs(), stream });
  }, [moment, lack, stream, camera, nowMs, notification, t]);
  const shown = moment !== undefined;
  useEffect(() => {
    if (!keyed || !offered) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented || inDialog(event.target)) return;
      if (event.key === "Escape" && shown) end();
      else if (event.key.toLowerCase() === "r" && !isWriting(event.target)) toggle();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [keyed, offered, shown, end, toggle]);
  const button = (testId: string) => {
    if (!offered) return null;
    const text = lack === undefined || shown ? `${t(shown ? "replay.live" : "replay.begin")} (R)` : t(`replay.lack.${lack}`);
    return (
      <button aria-pressed={shown} aria-disabled={lack !== undefined && !shown} title={text} aria-label={text} data-testid={`${testId}-replay-begin`} data-lack={lack} className="replay-button" onClick={toggle}>
        <svg viewBox="0 0 16 16" width="15" height="15" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden>
          <path d={lack !== undefined && !shown ? "M3 5.2a5.6 5.6 0 1 1-.4 4.6M2.5 1.8v3.6h3.6M2 14L14 2" : "M3 5.2a5.6 5.6 0 1 1-.4 4.6M2.5 1.8v3.6h3.6M8 5v3.4l2.4 1.4"} />
        </svg>
      </button>
    );
  };
  return { moment, end, button };
}
