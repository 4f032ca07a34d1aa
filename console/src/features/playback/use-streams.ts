import { useState } from "react";
import type { Stream } from "./streams";
import type { Choices } from "./use-footage";

export interface ChosenStreams {
  chosen: Choices;
  /** From the stream that is shown to the other one for good, and back to whichever has footage. */
  turn: (code: string, shown: Stream) => void;
}

/** Which stream's footage somebody wants to see of each camera: it stays through seeks, and days. */
export function useStreams(): ChosenStreams {
  const [chosen, choose] = useState<Choices>(new Map());
  const turn = (code: string, shown: Stream) => {
    const next = new Map(chosen);
    if (!next.delete(code)) next.set(code, shown === "main" ? "sub" : "main");
    choose(next);
  };
  return { chosen, turn };
}
