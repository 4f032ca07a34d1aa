/** What is chosen elsewhere goes to the wall: to the one that stands on the page, else to the one that comes next. */
import { useEffect } from "react";
import { keepWall, keptWall, nextWall, type Shown } from "./wall-state";

type ShowAll = (name: string, cameras: readonly Shown[]) => void;

interface StandingWall {
  show: (camera: Shown) => void;
  /** Left out where there is no room for several. */
  showAll: ShowAll | undefined;
  goTo: (area: string) => void;
}

let standing: StandingWall | undefined;
let waiting: string | undefined;
let waitingCameras: Parameters<ShowAll> | undefined;

export function cameraToWall(camera: Shown): void {
  if (standing === undefined) keepWall(nextWall(keptWall(), { kind: "show", camera }));
  else standing.show(camera);
}

/** All of them, by pages where they are more than a wall has tiles. `name`: what they are together. */
export function camerasToWall(...cameras: Parameters<ShowAll>): void {
  if (standing?.showAll === undefined) waitingCameras = cameras;
  else standing.showAll(...cameras);
}

/** The wall's tree opens at this area. */
export function areaToWall(area: string): void {
  if (standing === undefined) waiting = area;
  else standing.goTo(area);
}

/** The wall says that it is there, and takes what has waited for it. */
export function useStandingWall({ show, showAll, goTo }: StandingWall): void {
  useEffect(() => {
    const self = { show, showAll, goTo };
    standing = self;
    if (waiting !== undefined) goTo(waiting);
    waiting = undefined;
    if (waitingCameras !== undefined && showAll !== undefined) {
      const cameras = waitingCameras;
      waitingCameras = undefined;
      showAll(...cameras);
    }
    return () => {
      if (standing === self) standing = undefined;
    };
  }, [show, showAll, goTo]);
}
