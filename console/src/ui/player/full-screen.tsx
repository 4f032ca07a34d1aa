import { useCallback, useEffect, useState, type RefObject } from "react";
import { useWords } from "../language";
import { isWriting } from "../writing";

interface FullScreen {
  possible: boolean;
  full: boolean;
  toggle: () => void;
}

/** Shows a tile, not its video, on the whole screen: what lies over the picture, the mark above all, stays there. Key F while `keyed`. */
export function useFullScreen(tile: RefObject<HTMLElement | null>, keyed: boolean): FullScreen {
  const [full, setFull] = useState(false);
  const toggle = useCallback(() => {
    const shown = document.fullscreenElement;
    // Refused without a gesture of the user: then it stays as it is.
    if (shown !== null && shown === tile.current) void document.exitFullscreen().catch(() => undefined);
    else void tile.current?.requestFullscreen().catch(() => undefined);
  }, [tile]);
  useEffect(() => {
    const onChange = () => setFull(document.fullscreenElement !== null && document.fullscreenElement === tile.current);
    document.addEventListener("fullscreenchange", onChange);
    return () => document.removeEventListener("fullscreenchange", onChange);
  }, [tile]);
  useEffect(() => {
    if (!keyed) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "f" || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented || isWriting(event.target)) return;
      event.preventDefault();
      toggle();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [keyed, toggle]);
  return { possible: document.fullscreenEnabled, full, toggle };
}

export function FullScreenButton({ full, toggle, testId }: { full: boolean; toggle: () => void; testId: string }) {
  const { t } = useWords();
  const text = t(full ? "player.full.leave" : "player.full");
  return (
    <button aria-pressed={full} title={`${text} (F)`} aria-label={text} data-testid={testId} onClick={toggle}>
      <svg viewBox="0 0 16 16" width="15" height="15" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden>
        <path d={full ? "M6 1.5V6H1.5M10 1.5V6h4.5M14.5 10H10v4.5M6 14.5V10H1.5" : "M1.5 6V1.5H6M10 1.5h4.5V6M14.5 10v4.5H10M6 14.5H1.5V10"} />
      </svg>
    </button>
  );
}
