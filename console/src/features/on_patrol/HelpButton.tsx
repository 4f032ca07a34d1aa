import { useEffect, useRef, useState } from "react";
import type { Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useTime } from "../../ui/time";
import { useHelp } from "./use-help";
import type { Fix } from "./use-own-position";

const HOLD_MS = 2_000;

/** Held for two seconds it calls for help; five more to take it back; then it says whether the desk has it, and who. */
export function HelpButton({ user, fix, call }: { user: number; fix: Fix | undefined; call: Schemas["HelpCall"] | null }) {
  const { t } = useWords();
  const time = useTime();
  const { help, press, undo } = useHelp(user, fix);
  const [held, setHeld] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const begin = () => {
    if (timer.current !== undefined) return;
    setHeld(true);
    timer.current = setTimeout(() => {
      end();
      if ("vibrate" in navigator) navigator.vibrate(200);
      press();
    }, HOLD_MS);
  };
  const grip = ({ currentTarget, pointerId }: React.PointerEvent) => {
    currentTarget.setPointerCapture(pointerId); // a thumb shakes, and the page may move beneath it
    begin();
  };
  const end = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    setHeld(false);
  };
  if (help.kind === "soon") {
    return (
      <section className="patrol-help-soon" role="alert" data-testid="help-soon">
        <b>{t("patrol.help.soon", { seconds: Math.ceil(help.leftMs / 1_000) })}</b>
        <button type="button" data-testid="help-undo" onClick={undo}>{t("patrol.help.undo")}</button>
      </section>
    );
  }
  if (help.kind === "sending") {
    return (
      <section className="patrol-help-soon" role="alert" data-testid="help-sending" data-failed={help.failed}>
        <b>{t(help.failed ? "patrol.help.notYet" : "patrol.help.sending")}</b>
      </section>
    );
  }
  return (
    <>
      {call !== null && (
        <section className="patrol-help-there" role="status" data-testid="help-delivered" data-taken={call.taken_by !== null}>
          <b>{t("patrol.help.delivered", { time: time(call.received_at).slice(-8) })}</b> {call.taken_by === null ? t("patrol.help.nobody") : t("patrol.help.takenBy", { name: call.taken_by })}
        </section>
      )}
      <button type="button" className="patrol-help" data-held={held} data-testid="help" onPointerDown={grip} onPointerUp={end} onPointerCancel={end} onContextMenu={(event) => event.preventDefault()} onKeyDown={({ key, repeat }) => (key === " " || key === "Enter") && !repeat && begin()} onKeyUp={end} onBlur={end}>
        {t(held ? "patrol.help.holding" : "patrol.help.hold")}
      </button>
    </>
  );
}
