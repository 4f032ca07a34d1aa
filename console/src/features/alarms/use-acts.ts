import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useContext, useState } from "react";
import { useAct } from "../../ui/act";
import { SignedIn, useMay } from "../../ui/signed-in";
import * as acts from "./acts";
import type { Alarm } from "./queue";
import { turnOf, wantsReason, type FalseReason, type Outcome, type Result, type Turn } from "./work";

/** What is asked before an act is done. */
export type Asking = "false" | "close" | "hand-over" | "release";

export interface DeskActs {
  turn: Turn;
  busy: boolean;
  asking: Asking | undefined;
  /** Opens a dialog, where it is the reader's turn for it; undefined closes it. */
  ask: (what: Asking | undefined) => void;
  take: () => void;
  verify: (result: Result, reason?: FalseReason, note?: string) => Promise<boolean>;
  close: (outcome: Outcome, note: string) => Promise<boolean>;
  handOver: (to: number, note: string) => Promise<boolean>;
  release: (reason: string) => Promise<boolean>;
}

/** Acts on the chosen alarm. Whatever came of one, the alarm is read anew: who was second sees who was first. */
export function useActs(alarm: Alarm | undefined, hear: (id: number) => void): DeskActs {
  const queries = useQueryClient();
  const me = useContext(SignedIn)?.user.id ?? 0;
  const desk = useMay()("take-duty");
  const { busy, act } = useAct();
  const [asking, setAsking] = useState<{ id: number; what: Asking }>();
  const turn = turnOf(alarm?.work, me, desk);
  const id = alarm?.id;
  const done = useCallback(
    (what: () => Promise<unknown>) =>
      act(what).finally(() => {
        if (id === undefined) return;
        hear(id);
        void queries.invalidateQueries({ queryKey: acts.stepsKey(id) });
      }),
    [act, hear, id, queries],
  );
  const mine = turn === "verify" || turn === "close";
  const may: Record<Asking, boolean> = { false: turn === "verify", close: turn === "close", "hand-over": mine, release: mine };
  const asked = asking !== undefined && asking.id === id && may[asking.what] ? asking.what : undefined;
  return {
    turn,
    busy,
    asking: asked,
    ask: (what) => setAsking(what === undefined || id === undefined || !may[what] ? undefined : { id, what }),
    take: () => void (alarm !== undefined && turn === "take" && done(() => acts.take(alarm))),
    verify: async (result, reason, note) => {
      if (alarm === undefined || turn !== "verify") return false;
      if (wantsReason(result) && reason === undefined) {
        setAsking({ id: alarm.id, what: "false" });
        return false;
      }
      return done(() => acts.verify(alarm, result, reason, note));
    },
    close: async (outcome, note) => alarm !== undefined && done(() => acts.close(alarm, outcome, note)),
    handOver: async (to, note) => alarm !== undefined && done(() => acts.handOver(alarm, to, note)),
    release: async (reason) => alarm !== undefined && done(() => acts.release(alarm, reason)),
  };
}
