import { useEffect, useRef } from "react";
import { isWriting } from "../../ui/writing";

export interface PlaybackActs {
  playOrPause: () => void;
  picture: (by: 1 | -1) => void;
  seconds: (by: number) => void;
  faster: () => void;
  slower: () => void;
  backwards: () => void;
  nextFootage: (by: 1 | -1) => void;
  nextActivity: (by: 1 | -1) => void;
  loop: () => void;
  markIn: () => void;
  markOut: () => void;
  openClips: () => void;
  findChanges: () => void;
  snapshot: () => void;
  bookmark: () => void;
  nextMark: (by: 1 | -1) => void;
  map: () => void;
}

const CHOOSING: readonly string[] = [" ", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];

/** Space, arrows and letters: the whole of playback without a mouse. */
export function usePlaybackKeys(acts: PlaybackActs): void {
  const now = useRef(acts);
  useEffect(() => {
    now.current = acts;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // A choice of lengths that was just clicked has the keys that choose, and no others.
      const choosing = event.target instanceof HTMLInputElement && event.target.type === "radio";
      const own = choosing ? CHOOSING.includes(event.key) : isWriting(event.target);
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || own) return;
      if (event.target instanceof HTMLElement && event.target.closest(".camera-tree, dialog, [role=dialog]") !== null) return;
      const button = event.target instanceof HTMLButtonElement;
      const { playOrPause, picture, seconds, faster, slower, backwards, nextFootage, nextActivity, loop, markIn, markOut, openClips, findChanges, snapshot, bookmark, nextMark, map } = now.current;
      if (event.key === " " && !button) playOrPause();
      else if (event.key === ",") picture(-1);
      else if (event.key === ".") picture(1);
      else if (event.key === "ArrowLeft") seconds(event.shiftKey ? -60 : -10);
      else if (event.key === "ArrowRight") seconds(event.shiftKey ? 60 : 10);
      else if (event.key === "+" || event.key === "=") faster();
      else if (event.key === "-") slower();
      else if (event.key === "r") backwards();
      else if (event.key.toLowerCase() === "n") nextFootage(event.shiftKey ? -1 : 1);
      else if (event.key.toLowerCase() === "a") nextActivity(event.shiftKey ? -1 : 1);
      else if (event.key === "l") loop();
      else if (event.key === "i") markIn();
      else if (event.key === "o") markOut();
      else if (event.key === "e") openClips();
      else if (event.key === "d") findChanges();
      else if (event.key === "g" && !event.repeat) map();
      else if (event.key === "p" && !event.repeat) snapshot();
      else if (event.key === "b" && !event.repeat) bookmark();
      else if (event.key.toLowerCase() === "m") nextMark(event.shiftKey ? -1 : 1); // with Shift the letter is a capital
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
