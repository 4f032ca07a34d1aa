import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useContext, useState } from "react";
import { ApiProblem } from "../../api-client/client";
import { useAct } from "../../ui/act";
import { SignedIn, useMay } from "../../ui/signed-in";
import * as acts from "./acts";
import type { Alarm } from "./queue";
import type { Chosen } from "./use-chosen";
import type { Queue } from "./use-queue";
import { turnOf, wantsReason, type FalseReason, type Outcome, type Result, type Turn } from "./work";

/** What is asked before an act is done. */
export type Asking = "false" | "close" | "hand-over" | "release";

export interface DeskActs {
  turn: Turn;
  busy: boolean;
  /** False: what somebody does now may be meant for the alarm that was here before. */
  ready: boolean;
  asking: Asking | undefined;
  /** In this dialog the node has refused a count that others had overtaken: confirmed again, it is about all that came. */
  upToNow: boolean;
  /** Opens a dialog, where it is the reader's turn for it; undefined closes it. */
  ask: (what: Asking | undefined) => void;
  take: () => void;
  verify: (result: Result, reason?: FalseReason, note?: string) => Promise<boolean>;
  close: (outcome: Outcome, note: string) => Promise<boolean>;
  handOver: (to: number, note: string) => Promise<boolean>;
  release: (reason: string) => Promise<boolean>;
}

/** Acts on the chosen alarm. The answer of one is shown at once, and whatever came of it the alarm is read anew: who was second sees who was first. */
export function useActs({ alarm, settled: ready, hold }: Pick<Chosen, "alarm" | "settled" | "hold">, { hear, take }: Pick<Queue, "hear" | "take">): DeskActs {
  const queries = useQueryClient();
  const me = useContext(SignedIn)?.user.id ?? 0;
  const desk = useMay()("take-duty");
  const { busy, act } = useAct();
  const [asking, setAsking] = useState<{ id: number; what: Asking }>();
  const [repeated, setRepeated] = useState(false);
  const turn = turnOf(alarm?.work, me, desk);
  const id = alarm?.id;
  const done = useCallback(
    (what: () => Promise<Alarm>) =>
      act(async () => {
        try {
          take([await what()]);
        } catch (error) {
          setRepeated(error instanceof ApiProblem && error.problem.code === "alarm.repeated");
          throw error;
        }
      }).finally(() => {
        if (id === undefined) return;
        hear(id);
        void queries.invalidateQueries({ queryKey: acts.stepsKey(id) });
      }),
    [act, hear, take, id, queries],
  );
  const mine = turn === "verify" || turn === "close";
  const may: Record<Asking, boolean> = { false: turn === "verify", close: turn === "close", "hand-over": mine, release: mine };
  const asked = asking !== undefined && asking.id === id && may[asking.what] ? asking.what : undefined;
  const upToNow = repeated && asked !== undefined;
  return {
    turn,
    busy,
    ready,
    asking: asked,
    upToNow,
    ask: (what) => {
      if (what !== undefined && ready) hold();
      setRepeated(false);
      setAsking(what === undefined || id === undefined || !ready || !may[what] ? undefined : { id, what });
    },
    take: () => {
      if (alarm === undefined || turn !== "take" || !ready) return;
      hold();
      void done(() => acts.take(alarm));
    },
    verify: async (result, reason, note) => {
      if (alarm === undefined || turn !== "verify" || !ready) return false;
      hold();
      if (wantsReason(result) && reason === undefined) {
        setRepeated(false);
        setAsking({ id: alarm.id, what: "false" });
        return false;
      }
      return done(() => acts.verify(alarm, upToNow, result, reason, note));
    },
    close: async (outcome, note) => alarm !== undefined && done(() => acts.close(alarm, upToNow, outcome, note)),
    handOver: async (to, note) => alarm !== undefined && done(() => acts.handOver(alarm, to, note)),
    release: async (reason) => alarm !== undefined && done(() => acts.release(alarm, reason)),
  };
}
