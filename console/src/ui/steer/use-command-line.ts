import { App } from "antd";
import { useCallback, useEffect, useMemo } from "react";
import { api, ApiProblem } from "../../api-client/client";
import { useWords } from "../language";
import { useTellProblem } from "../problem";
import { CommandLine } from "./command-line";

/** Acts when the page is left, hidden, or another window has the focus: then nobody tells it any more that a hand let go. Returns what ends that. */
export function onBlurs(act: () => void): () => void {
  const hidden = () => document.hidden && act();
  window.addEventListener("blur", act);
  window.addEventListener("pagehide", act);
  document.addEventListener("visibilitychange", hidden);
  return () => {
    window.removeEventListener("blur", act);
    window.removeEventListener("pagehide", act);
    document.removeEventListener("visibilitychange", hidden);
  };
}

/** What speaks against an order to a camera: one line that the next one replaces, for a hand that steers has no time for windows. */
export function useTellSteering(camera: string): (error: unknown) => void {
  const { notification } = App.useApp();
  const tell = useTellProblem();
  const { pick } = useWords();
  return useCallback(
    (error) => {
      if (!(error instanceof ApiProblem) || !error.problem.code.startsWith("ptz.")) return tell(error);
      const { zh, en, remedy_zh, remedy_en } = error.problem;
      notification.warning({ key: `steering-${camera}`, title: pick(zh, en), description: pick(remedy_zh, remedy_en), placement: "bottomRight" });
    },
    [camera, notification, tell, pick],
  );
}

/** One hand's line to one camera; a page that is left, hidden or loses the focus stops what it moves. */
export function useCommandLine(camera: string): CommandLine {
  const tell = useTellSteering(camera);
  const line = useMemo(() => new CommandLine((body) => api.POST("/api/v1/cameras/{code}/ptz", { params: { path: { code: camera } }, body }), tell), [camera, tell]);
  useEffect(() => {
    const stop = () => line.stop();
    const forget = onBlurs(stop);
    return () => {
      forget();
      stop();
    };
  }, [line]);
  return line;
}
