import { useQueryClient } from "@tanstack/react-query";
import { useContext, useEffect, useState } from "react";
import { api, body, type Problem } from "../../api-client/client";
import { useAct } from "../act";
import type { Shown } from "../player/LiveTile";
import { asJpeg, frameOf, marked } from "../player/snapshot";
import { useMay } from "../signed-in";
import { useTime } from "../time";
import { useCameraName } from "../use-camera";
import { ViewerContext } from "../viewer";
import type { Kind } from "./Finding";
import { nextOpen, type Details } from "./round";
import { useKeys } from "./use-keys";
import { useWatch } from "./use-watch";

const MOST_WIDTH_PX = 1920;

export type RoundDialog = "finding" | "not-possible" | "break-off";
type Settlement = { outcome: "confirmed" } | { outcome: "finding"; kind: Kind; text: string; snapshot: string } | { outcome: "not-possible"; text: string };

export interface RoundWork {
  /** 0 where none is left. */
  stop: number;
  stops: number;
  camera: string;
  name: string;
  lookFor: string;
  /** Of the stop that follows; undefined at the last one. */
  upcoming: string | undefined;
  watchedS: number;
  neededS: number;
  /** Watched long enough to be confirmed. */
  enough: boolean;
  problem: Problem | undefined;
  busy: boolean;
  dialog: RoundDialog | undefined;
  /** As it stood when the finding was begun. */
  picture: Blob | undefined;
  ask: (dialog: RoundDialog | undefined) => void;
  choose: (stop: number) => void;
  next: () => void;
  back: () => void;
  confirm: () => void;
  find: () => void;
  writeFinding: (kind: Kind, text: string, kept: Blob | undefined) => Promise<boolean>;
  notPossible: (text: string) => Promise<boolean>;
  breakOff: (reason: string) => Promise<boolean>;
}

/** One's own round: which stop is looked at, how long, and what is said of it; by keys too. `shownOf`: the picture of a camera, wherever it stands.
 *  `arrows`: the arrows are free for the stops. */
export function useRound(details: Details, shownOf: (camera: string) => Shown | undefined, onSettled: (after: Details) => void, arrows: boolean): RoundWork {
  const { busy, act } = useAct();
  const steers = useMay()("control");
  const queries = useQueryClient();
  const viewer = useContext(ViewerContext);
  const time = useTime();
  const [wanted, setWanted] = useState(0);
  const [dialog, setDialog] = useState<RoundDialog>();
  const [picture, setPicture] = useState<Blob>();
  const { round, plan, results } = details;
  const open = results.filter((one) => one.outcome === "open");
  const stop = open.some((one) => one.stop === wanted) ? wanted : nextOpen(results, 0);
  const spot = plan.stops[stop - 1];
  const before = results.find((one) => one.stop === stop)?.watched_s ?? 0;
  const preset = spot?.preset ?? 0;
  const camera = spot?.camera ?? "";
  const name = useCameraName(camera);
  const shown = shownOf(camera);
  const { seconds, aheadMs, problem } = useWatch(round.id, stop, shown, before);
  useEffect(() => {
    if (preset > 0 && steers) void api.POST("/api/v1/cameras/{code}/presets/{number}/go", { params: { path: { code: camera, number: preset } } }).catch(() => undefined); // the picture shows where it stands
  }, [camera, preset, stop, steers]);
  const gone = problem?.code;
  useEffect(() => {
    if (gone !== undefined) void queries.invalidateQueries({ queryKey: ["duty"] }); // it is in other hands, or over
  }, [queries, gone]);
  const following = nextOpen(results, stop);
  const enough = spot !== undefined && seconds >= spot.watch_s;
  const settle = (said: Settlement) =>
    act(async () => {
      const after = await body(api.POST("/api/v1/video-patrols/rounds/{round}/stops/{stop}/outcome", { params: { path: { round: round.id, stop } }, body: { text: "", snapshot: "", ...said } }));
      setWanted(nextOpen(after.results, stop));
      onSettled(after);
    });
  const breakOff = (reason: string) =>
    act(async () => {
      onSettled(await body(api.POST("/api/v1/video-patrols/rounds/{round}/break-off", { params: { path: { round: round.id } }, body: { reason } })));
    });
  /** The picture of this moment goes with the finding. */
  const find = async () => {
    const at = time(new Date(Date.now() + aheadMs).toISOString());
    const frame = shown?.video == null || !shown.playing ? undefined : frameOf(shown.video, MOST_WIDTH_PX);
    setPicture(frame && (await asJpeg(marked(frame, { camera, name, time: at, viewer: [viewer.name, viewer.unit].filter((one) => one !== "").join(" "), ticket: "" }))));
    setDialog("finding");
  };
  const writeFinding = async (kind: Kind, text: string, kept: Blob | undefined) => {
    let snapshot = "";
    if (kept !== undefined) {
      const sent = await act(async () => {
        snapshot = (await body(api.POST("/api/v1/video-patrols/rounds/{round}/stops/{stop}/snapshot", { params: { path: { round: round.id, stop } }, body: kept as unknown as string, bodySerializer: () => kept, headers: { "Content-Type": "image/jpeg" } }))).digest;
      });
      if (!sent) return false;
    }
    return settle({ outcome: "finding", kind, text, snapshot });
  };
  const confirm = () => {
    if (enough && !busy) void settle({ outcome: "confirmed" });
  };
  const next = () => setWanted(following);
  const back = () => setWanted(open.filter((one) => one.stop < stop).at(-1)?.stop ?? open.at(-1)?.stop ?? 0);
  const steps = arrows ? { ArrowRight: next, ArrowDown: next, ArrowLeft: back, ArrowUp: back } : {};
  useKeys({ Enter: confirm, f: () => void find(), n: () => setDialog("not-possible"), PageDown: next, PageUp: back, ...steps });
  return {
    stop,
    stops: plan.stops.length,
    camera,
    name,
    lookFor: spot?.look_for ?? "",
    upcoming: following === stop ? undefined : plan.stops[following - 1]?.camera,
    watchedS: seconds,
    neededS: spot?.watch_s ?? 0,
    enough,
    problem,
    busy,
    dialog,
    picture,
    ask: setDialog,
    choose: setWanted,
    next,
    back,
    confirm,
    find: () => void find(),
    writeFinding,
    notPossible: (text) => settle({ outcome: "not-possible", text }),
    breakOff,
  };
}
