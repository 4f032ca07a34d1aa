import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiProblem, api, type Problem } from "../../api-client/client";
import { newKey, passes, read, type Kept, type Step } from "./steps";

const AGAIN_MS = 3_000;
export interface NotTaken {
  kept: Kept;
  problem: Problem;
}

export interface Steps {
  kept: readonly Kept[];
  /** The last one that the node refused; it is not sent again. */
  notTaken: NotTaken | undefined;
  press: (task: number, step: Step, text: string) => void;
  putAway: () => void;
}

function send({ task, step, text, key, pressedAt }: Kept) {
  const params = { path: { task_id: task }, header: { "Idempotency-Key": key } };
  const body = { text, pressed_at: pressedAt };
  if (step === "accept") return api.POST("/api/v1/tasks/{task_id}/accept", { params, body });
  if (step === "on-the-way") return api.POST("/api/v1/tasks/{task_id}/on-the-way", { params, body });
  if (step === "arrive") return api.POST("/api/v1/tasks/{task_id}/arrive", { params, body });
  if (step === "done") return api.POST("/api/v1/tasks/{task_id}/done", { params, body });
  return api.POST("/api/v1/tasks/{task_id}/refuse", { params, body: { reason: text } });
}

/** Steps wait on the phone, over a reload too, and go out one after the other as soon as the node answers. `user`: whose they are. */
export function useSteps(user: number): Steps {
  const queries = useQueryClient();
  const place = `fengsui.patrol-steps.${user}`;
  const [kept, setKept] = useState<readonly Kept[]>(() => read(localStorage.getItem(place)));
  const [notTaken, setNotTaken] = useState<NotTaken>();
  const sending = useRef(false);
  const left = useRef(false);
  useEffect(() => {
    left.current = false;
    return () => {
      left.current = true; // what waits is sent under the session of whoever pressed it alone
    };
  }, [place]);
  const keep = useCallback(
    (change: (old: Kept[]) => Kept[]) => {
      const now = change(read(localStorage.getItem(place))); // another window of this phone may have sent some
      localStorage.setItem(place, JSON.stringify(now));
      setKept(now);
    },
    [place],
  );
  const flush = useCallback(async () => {
    if (sending.current) return;
    sending.current = true;
    try {
      for (let next = read(localStorage.getItem(place))[0]; next !== undefined && !left.current; next = read(localStorage.getItem(place))[0]) {
        const one = next;
        try {
          await send(one);
        } catch (error) {
          if (!(error instanceof ApiProblem)) throw error;
          if (passes(error.problem)) return;
          setNotTaken({ kept: one, problem: error.problem });
        }
        await queries.invalidateQueries({ queryKey: ["own-patrol"] });
        keep((old) => old.filter(({ key }) => key !== one.key));
      }
    } finally {
      sending.current = false;
    }
  }, [keep, place, queries]);
  const waits = kept.length > 0;
  useEffect(() => {
    if (!waits) return;
    const again = () => void flush();
    again();
    const timer = setInterval(again, AGAIN_MS);
    window.addEventListener("online", again);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", again);
    };
  }, [waits, flush]);
  const press = useCallback((task: number, step: Step, text: string) => keep((old) => [...old, { key: newKey(), task, step, text, pressedAt: new Date().toISOString() }]), [keep]);
  return { kept, notTaken, press, putAway: useCallback(() => setNotTaken(undefined), []) };
}
