import { useEffect, useRef } from "react";
import { isWriting } from "../writing";
import { isSteeringKey, keyed, STILL, type Speeds } from "./joystick";
import { onBlurs } from "./use-command-line";

interface Wanted {
  push: (speeds: Speeds) => void;
  onPreset: (number: number) => void;
  onDone: () => void;
}

/** Arrows turn, + and - zoom, Shift is fast; letting go stops, and so does a window that loses the focus. 1 to 9 go to presets, Escape ends steering. */
export function useSteeringKeys(acts: Wanted): void {
  const wanted = useRef(acts);
  useEffect(() => {
    wanted.current = acts;
  });
  useEffect(() => {
    const down = new Set<string>();
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
      if (event.key === "Escape") {
        event.preventDefault();
        return wanted.current.onDone();
      }
      if (event.key === "Shift" && down.size > 0) return wanted.current.push(keyed(down, true));
      const number = Number(event.key);
      if (number >= 1 && number <= 9) {
        event.preventDefault(); // no grid of the wall meanwhile
        return event.repeat ? undefined : wanted.current.onPreset(number);
      }
      if (!isSteeringKey(event.key)) return;
      event.preventDefault(); // the wall's own arrows wait meanwhile
      if (event.repeat) return;
      down.add(event.key);
      wanted.current.push(keyed(down, event.shiftKey));
    };
    const onUp = (event: KeyboardEvent) => {
      if (event.key === "Shift" && down.size > 0) return wanted.current.push(keyed(down, false));
      // With Shift let go in between, the same key comes up under its other sign.
      const sign = { "+": "=", "=": "+", "-": "_", _: "-" }[event.key];
      if (!down.delete(event.key) && !(sign !== undefined && down.delete(sign))) return;
      wanted.current.push(down.size === 0 ? STILL : keyed(down, event.shiftKey));
    };
    const onBlur = () => {
      if (down.size > 0) wanted.current.push(STILL);
      down.clear();
    };
    document.addEventListener("keydown", onKey, true);
    document.addEventListener("keyup", onUp, true);
    const forget = onBlurs(onBlur);
    return () => {
      document.removeEventListener("keydown", onKey, true);
      document.removeEventListener("keyup", onUp, true);
      forget();
    };
  }, []);
}
