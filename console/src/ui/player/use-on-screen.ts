import { useEffect, useState, type RefObject } from "react";

/** A tile that is back so soon is not opened anew. */
const GRACE_MS = 3000;

/** Whether anybody can see the element: it lies in the window, and no other tile fills the screen. A picture that nobody sees is not decoded. */
export function useOnScreen(tile: RefObject<HTMLElement | null>): boolean {
  const [seen, setSeen] = useState(true);
  useEffect(() => {
    const element = tile.current;
    if (element === null || !("IntersectionObserver" in window)) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let inWindow = true;
    const look = () => {
      const full = document.fullscreenElement;
      const now = inWindow && (full === null || full.contains(element));
      clearTimeout(timer);
      if (now) setSeen(true);
      else timer = setTimeout(() => setSeen(false), GRACE_MS);
    };
    const observer = new IntersectionObserver((entries) => {
      inWindow = entries.at(-1)?.isIntersecting ?? true;
      look();
    });
    observer.observe(element);
    document.addEventListener("fullscreenchange", look);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
      document.removeEventListener("fullscreenchange", look);
    };
  }, [tile]);
  return seen;
}
