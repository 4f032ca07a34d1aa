import { useEffect, useMemo, useReducer, useRef, useState } from "react";
import { chosenProtocol, type Choice } from "../../ui/player/protocol";
import { CameraTree } from "../../ui/tree/CameraTree";
import { keepWall, keptWall, nextWall, shownTiles } from "../../ui/wall-state";
import { useWallKeys } from "./use-wall-keys";
import "./wall.css";
import { WallBar } from "./WallBar";
import { WallGrid } from "./WallGrid";

/** The area tree beside the wall; everything works by mouse, by dragging, and by keyboard. */
export function WallPage() {
  const [wall, act] = useReducer(nextWall, undefined, () => keptWall());
  const [protocol, setProtocol] = useState<Choice>(chosenProtocol);
  const search = useRef<HTMLInputElement>(null);
  const tiles = useRef<HTMLDivElement>(null);
  useEffect(() => keepWall(wall), [wall]);
  const others = useMemo(() => ({ "/": () => search.current?.focus() }), []);
  const focusTile = useWallKeys(wall, act, tiles, others);
  const shown = new Set(shownTiles(wall).flatMap((tile) => tile?.code ?? []));
  return (
    <div className="live">
      <CameraTree search={search} shown={shown} onOpen={(camera) => act({ kind: "show", camera })} onLeave={() => focusTile(wall.active)} />
      <div className="wall-area">
        <WallBar wall={wall} act={act} protocol={protocol} onProtocol={setProtocol} />
        <div className="wall-layers" ref={tiles}>
          <WallGrid wall={wall} act={act} protocol={protocol} />
        </div>
      </div>
    </div>
  );
}
