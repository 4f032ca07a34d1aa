import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiProblem, api } from "../../api-client/client";
import { newKey } from "./steps";
import type { Fix } from "./use-own-position";

/** So long it can be taken back. */
export const UNDO_MS = 5_000;
const AGAIN_MS = 1_500;
const TICK_MS = 200;

interface Pressed {
  key: string;
  pressedAt: string;
  longitude?: number;
  latitude?: number;
}

export type Help = { kind: "none" } | { kind: "soon"; leftMs: number } | { kind: "sending"; failed: boolean };

function read(text: string | null): Pressed | undefined {
  try {
    const found = JSON.parse(text ?? "null") as Partial<Pressed> | null;
    return typeof found?.key === "string" && typeof found.pressedAt === "string" ? (found as Pressed) : undefined;
  } catch {
    return undefined;
  }
}

/** A call for help that is kept on the phone from the press on and sent under one key until the node has it on disk. */
export function useHelp(user: number, fix: Fix | undefined): { help: Help; press: () => void; undo: () => void } {
  const queries = useQueryClient();
  const place = `fengsui.patrol-help.${user}`;
  const [pressed, setPressed] = useState<Pressed | undefined>(() => read(localStorage.getItem(place)));
  const [now, setNow] = useState(() => Date.now());
  const [failed, setFailed] = useState(false);
  const sending = useRef(false);
  const drop = useCallback(() => {
    localStorage.removeItem(place);
    setPressed(undefined);
    setFailed(false);
  }, [place]);
  const press = () => {
    const made: Pressed = { key: newKey(), pressedAt: new Date().toISOString(), ...(fix === undefined ? {} : { longitude: fix.longitude, latitude: fix.latitude }) };
    try {
      localStorage.setItem(place, JSON.stringify(made));
    } catch {
      // A phone without room calls all the same, as long as the page is open.
    }
    setNow(Date.now());
    setPressed(made);
  };
  const leftMs = pressed === undefined ? 0 : Date.parse(pressed.pressedAt) + UNDO_MS - now;
  const due = pressed !== undefined && (leftMs <= 0 || leftMs > UNDO_MS); // a clock that was set back holds no call
  useEffect(() => {
    if (pressed === undefined || due) return;
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [pressed, due]);
  useEffect(() => {
    if (pressed === undefined || !due) return;
    let left = false;
    const { key, pressedAt, ...where } = pressed;
    const send = async () => {
      if (sending.current) return;
      sending.current = true;
      try {
        await api.POST("/api/v1/patrol/emergency", { params: { header: { "Idempotency-Key": key } }, body: { ...where, pressed_at: pressedAt } });
        await queries.invalidateQueries({ queryKey: ["own-patrol"] });
        drop();
      } catch (error) {
        if (!(error instanceof ApiProblem)) throw error;
        if (!left) setFailed(true);
      } finally {
        sending.current = false;
      }
    };
    const again = () => void send();
    again();
    const timer = setInterval(again, AGAIN_MS);
    window.addEventListener("online", again);
    return () => {
      left = true;
      clearInterval(timer);
      window.removeEventListener("online", again);
    };
  }, [pressed, due, drop, queries]);
  const help: Help = pressed === undefined ? { kind: "none" } : due ? { kind: "sending", failed } : { kind: "soon", leftMs };
  return { help, press, undo: drop };
}
