import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";
import { useWords } from "../../ui/language";
import { chosenProtocol, type Choice } from "../../ui/player/protocol";
import { CameraTree } from "../../ui/tree/CameraTree";
import { LARGEST } from "../../ui/wall-grid";
import { keepWall, keptWall, nextWall, shownTiles, wallOf, type Shown, type Wall, type WallAct } from "../../ui/wall-state";
import type { Shown as ShownPicture } from "../../ui/player/LiveTile";
import { keepPatrol, keptPatrol } from "./patrol-place";
import { PatrolStrip } from "./PatrolStrip";
import { SendTo } from "./SendTo";
import { useTellSpot } from "./spot";
import { ToPlayback } from "./ToPlayback";
import { TourBar } from "./TourBar";
import { pagesOf, tourOf, wallFor } from "./tours";
import { useTour } from "./use-tour";
import { planOfView, type View } from "./use-views";
import { tourKeys, useWallKeys } from "./use-wall-keys";
import { ViewsPanel } from "./ViewsPanel";
import "./wall.css";
import { WallBar } from "./WallBar";
import { WallGrid } from "./WallGrid";

const ignore = () => undefined;

/** The area tree beside the wall; everything works by mouse, by dragging, and by keyboard. */
export function WallPage() {
  const { t } = useWords();
  const [wall, act] = useReducer(nextWall, undefined, () => keptWall());
  const [protocol, setProtocol] = useState<Choice>(chosenProtocol);
  const [viewsOpen, setViewsOpen] = useState(false);
  const [patrol, setPatrol] = useState(keptPatrol);
  const [pictures, setPictures] = useState<Record<string, ShownPicture>>({});
  const noteShown = useCallback((camera: string, shown: ShownPicture) => setPictures((old) => ({ ...old, [camera]: shown })), []);
  const search = useRef<HTMLInputElement>(null);
  const tiles = useRef<HTMLDivElement>(null);
  const load = useCallback((other: Wall) => act({ kind: "load", wall: other }), []);
  const { running, staged, layer, begin, stop, pause, hold, go, notePicture } = useTour(wall, load);
  useEffect(() => keepWall(wall), [wall]);
  useEffect(() => keepPatrol(patrol), [patrol]);
  useTellSpot(wall.tiles[wall.active]);
  const touring = running !== undefined;
  const others = useMemo(() => {
    const always: Record<string, () => void> = { "/": () => search.current?.focus(), v: () => setViewsOpen(true) };
    return touring ? { ...always, ...tourKeys(pause, go) } : always;
  }, [touring, pause, go]);
  const actByHand = useCallback(
    (one: WallAct) => {
      if (one.kind !== "select" && one.kind !== "move") hold();
      act(one);
    },
    [hold],
  );
  const focusTile = useWallKeys(wall, actByHand, tiles, others);
  const open = (view: View) => {
    if (view.kind === "tour") return begin(tourOf(view));
    stop();
    load(wallOf(planOfView(view), wall));
  };
  const openAll = (name: string, cameras: readonly Shown[]) => {
    if (cameras.length > LARGEST) return begin(pagesOf(name, cameras, (from, to, of) => t("tour.page", { from, to, of })));
    stop();
    load(wallOf(wallFor(cameras), wall));
  };
  const shown = new Set(shownTiles(wall).flatMap((tile) => tile?.code ?? []));
  return (
    <div className="live">
      <CameraTree
        search={search}
        shown={shown}
        onOpen={(camera) => actByHand({ kind: "show", camera })}
        onOpenAll={openAll}
        onLeave={() => focusTile(wall.active)}
      />
      <div className="wall-area">
        <WallBar wall={wall} act={actByHand} protocol={protocol} onProtocol={setProtocol}>
          <button data-testid="views" title={`${t("views.title")} (V)`} aria-haspopup="dialog" aria-expanded={viewsOpen} onClick={() => setViewsOpen(true)}>
            {t("views.menu")}
          </button>
          <SendTo wall={wall} tour={running} />
          <ToPlayback wall={wall} />
        </WallBar>
        {running !== undefined && <TourBar tour={running} onPause={pause} onGo={go} onStop={stop} />}
        <PatrolStrip
          wall={wall}
          act={act}
          patrol={patrol}
          onPatrol={(next) => {
            if (next.round > 0 && next.round !== patrol.round) stop();
            setPatrol(next);
          }}
          shownOf={(camera) => pictures[camera]}
        />
        <div className="wall-layers" ref={tiles}>
          <WallGrid key={layer} wall={wall} act={actByHand} protocol={protocol} onPicture={notePicture} onShown={patrol.round > 0 ? noteShown : undefined} onReplay={hold} />
          {staged !== undefined && <WallGrid key={layer + 1} wall={staged} act={ignore} protocol={protocol} staged onPicture={notePicture} />}
        </div>
      </div>
      {viewsOpen && <ViewsPanel wall={wall} onOpen={open} onLeave={() => setViewsOpen(false)} />}
    </div>
  );
}
