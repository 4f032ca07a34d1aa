import { Button, type ButtonProps } from "antd";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTellProblem } from "./problem";

export interface Act {
  /** While it runs: for the button that began it. */
  busy: boolean;
  /** Does it, unless one is running: a second click is not a second act. True once done; what went wrong is told, and false. */
  act: (what: () => Promise<unknown>) => Promise<boolean>;
}

/** The one way to ask the node for a change. */
export function useAct(): Act {
  const tell = useTellProblem();
  const [busy, setBusy] = useState(false);
  const running = useRef(false); // a second click may come before the first is drawn
  const there = useRef(true);
  useEffect(() => {
    there.current = true;
    return () => {
      there.current = false;
    };
  }, []);
  const act = useCallback(
    async (what: () => Promise<unknown>) => {
      if (running.current) return false;
      running.current = true;
      setBusy(true);
      try {
        await what();
        return true;
      } catch (error) {
        tell(error);
        return false;
      } finally {
        running.current = false;
        if (there.current) setBusy(false);
      }
    },
    [tell],
  );
  return { busy, act };
}

interface Props extends Omit<ButtonProps, "onClick" | "loading"> {
  act: () => Promise<unknown>;
}

/** A button that does something at once: it is busy until the node has answered. */
export function ActButton({ act: what, ...looks }: Props) {
  const { busy, act } = useAct();
  return <Button {...looks} loading={busy} onClick={() => void act(what)} />;
}
