import type { Shown } from "../../ui/wall-state";
import type { Points } from "../../ui/map/points";

/** What a tile of the wall takes, also when it is dropped there. */
export const forWall = (points: Points, at: number): Shown => ({ code: points.codes[at] ?? "", name: points.names[at] ?? "", ptz: points.ptz_types[at] ?? 0 });
