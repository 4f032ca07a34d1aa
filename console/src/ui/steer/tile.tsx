import { useCallback, useContext, useEffect, useState, type ReactNode, type RefObject } from "react";
import { useWords } from "../language";
import { SignedIn, useMay } from "../signed-in";
import { isWriting } from "../writing";
import { HolderLine } from "./HolderLine";
import { Steer } from "./Steer";
import "./steer.css";
import { useSteering } from "./use-steering";

export interface SteeringTile {
  armed: boolean;
  end: () => void;
  button: (testId: string) => ReactNode;
}

/** Whether a tile's camera is being steered. Key J begins and ends it where `keyed`; it ends with the picture. */
export function useSteeringTile(steerable: boolean, keyed: boolean, seen: boolean): SteeringTile {
  const { t } = useWords();
  const may = useMay();
  const possible = steerable && may("control");
  const [wanted, setWanted] = useState(false);
  const armed = wanted && possible && seen && keyed;
  const end = useCallback(() => setWanted(false), []);
  useEffect(() => {
    if (!keyed) setWanted(false);
  }, [keyed]);
  useEffect(() => {
    if (!keyed || !possible) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "j" || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented || isWriting(event.target)) return;
      event.preventDefault();
      setWanted((now) => !now);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [keyed, possible]);
  const button = (testId: string) =>
    possible && (
      <button aria-pressed={armed} title={`${t("steer.begin")} (J)`} aria-label={t("steer.begin")} data-testid={`${testId}-steer`} onClick={() => setWanted(!armed)}>
        <svg viewBox="0 0 16 16" width="15" height="15" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden>
          <circle cx="8" cy="8" r="2.2" />
          <path d="M8 1v3M8 12v3M1 8h3M12 8h3M6.5 2.5L8 1l1.5 1.5M6.5 13.5L8 15l1.5-1.5M2.5 6.5L1 8l1.5 1.5M13.5 6.5L15 8l-1.5 1.5" />
        </svg>
      </button>
    );
  return { armed, end, button };
}

/** What lies over the picture of a camera that turns: who steers it, and the sheet while that is us. */
export function SteeringMark({ camera, name, video, steer, testId }: { camera: string; name: string; video: RefObject<HTMLVideoElement | null>; steer: SteeringTile; testId: string }) {
  const may = useMay();
  const steering = useSteering(camera, name);
  const me = useContext(SignedIn)?.user.id;
  const holder = steering?.holder;
  const heldBy = holder !== undefined && holder !== null && holder.user_id !== me ? holder.name : undefined;
  return (
    <>
      {steer.armed && <Steer camera={camera} video={video} heldBy={heldBy} onDone={steer.end} />}
      <HolderLine camera={camera} name={name} steering={steering} mayControl={may("control")} testId={testId} />
    </>
  );
}
