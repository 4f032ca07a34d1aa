/** What is chosen elsewhere goes to the wall: to the one that stands on the page, else to the one that comes next. */
import { useEffect } from "react";
import { keepWall, keptWall, nextWall, type Shown } from "./wall-state";

interface StandingWall {
  show: (camera: Shown) => void;
  goTo: (area: string) => void;
}

let standing: StandingWall | undefined;
let waiting: string | undefined;

export function cameraToWall(camera: Shown): void {
  if (standing === undefined) keepWall(nextWall(keptWall(), { kind: "show", camera }));
  else standing.show(camera);
}

/** The wall's tree opens at this area. */
export function areaToWall(area: string): void {
  if (standing === undefined) waiting = area;
  else standing.goTo(area);
}

/** The wall says that it is there, and takes what has waited for it. */
export function useStandingWall({ show, goTo }: StandingWall): void {
  useEffect(() => {
    const self = { show, goTo };
    standing = self;
    if (waiting !== undefined) goTo(waiting);
    waiting = undefined;
    return () => {
      if (standing === self) standing = undefined;
    };
  }, [show, goTo]);
}
