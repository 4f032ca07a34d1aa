import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiProblem, api, type Problem } from "../../api-client/client";
import { dropPhoto, keepPhoto, keptPhotos, smaller, type KeptPhoto } from "./kept-photos";
import { newKey, passes } from "./steps";

const AGAIN_MS = 3_000;

function send({ key, task, octets, pressedAt }: KeptPhoto) {
  const params = { path: { task_id: task }, header: { "Idempotency-Key": key }, query: { pressed_at: pressedAt } };
  return api.POST("/api/v1/tasks/{task_id}/photos", { params, body: octets as unknown as string, bodySerializer: (sent: unknown) => sent as Blob, headers: { "content-type": "application/octet-stream" } });
}

export interface KeptPhotos {
  waiting: number;
  /** Of the last one that the node refused; it is not sent again. */
  problem: Problem | undefined;
  noRoom: boolean;
  take: (task: number, chosen: Blob) => Promise<void>;
}

/** Photos wait on the phone until the node has each on disk, also when their task is over, and go out one after the other under keys of their own. */
export function usePhotos(user: number): KeptPhotos {
  const queries = useQueryClient();
  const [waiting, setWaiting] = useState(0);
  const [problem, setProblem] = useState<Problem>();
  const [noRoom, setNoRoom] = useState(false);
  const sending = useRef(false);
  const left = useRef(false);
  useEffect(() => {
    left.current = false;
    return () => {
      left.current = true; // what waits is sent under the session of whoever took it alone
    };
  }, [user]);
  const flush = useCallback(async () => {
    if (sending.current) return;
    sending.current = true;
    try {
      let kept = await keptPhotos(user);
      setWaiting(kept.length);
      for (let one = kept[0]; one !== undefined && !left.current; one = kept[0]) {
        try {
          await send(one);
        } catch (error) {
          if (!(error instanceof ApiProblem)) throw error;
          if (passes(error.problem)) return;
          setProblem(error.problem);
        }
        if (left.current) return;
        await dropPhoto(one.key);
        await queries.invalidateQueries({ queryKey: ["own-patrol"] });
        kept = await keptPhotos(user);
        setWaiting(kept.length);
      }
    } finally {
      sending.current = false;
    }
  }, [user, queries]);
  useEffect(() => {
    const again = () => void flush();
    again();
    const timer = setInterval(again, AGAIN_MS);
    window.addEventListener("online", again);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", again);
    };
  }, [flush]);
  const take = async (task: number, chosen: Blob) => {
    setProblem(undefined);
    const pressedAt = new Date().toISOString();
    try {
      await keepPhoto({ key: newKey(), user, task, octets: await smaller(chosen), pressedAt });
      setNoRoom(false);
    } catch {
      setNoRoom(true);
      return;
    }
    setWaiting((count) => count + 1);
    await flush();
  };
  return { waiting, problem, noRoom, take };
}
