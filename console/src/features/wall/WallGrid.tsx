import { Link } from "@tanstack/react-router";
import { useCallback, type DragEvent, type RefObject } from "react";
import { useWords } from "../../ui/language";
import { LiveTile, type Shown } from "../../ui/player/LiveTile";
import type { Choice } from "../../ui/player/protocol";
import type { Picture } from "../../ui/player/use-live";
import { isSteerable } from "../../ui/steerable";
import { areaOf } from "../../ui/wall-grid";
import { droppedCamera, gridOf, shownTiles, type OnWall, type Wall, type WallAct } from "../../ui/wall-state";

interface Props {
  wall: Wall;
  act: (act: WallAct) => void;
  protocol: Choice;
  /** Not seen yet: it plays behind the wall that is, to take its place without a gap. */
  staged?: boolean;
  onPicture?: ((id: number, kind: Picture["kind"]) => void) | undefined;
  /** Told of each camera's picture. */
  onShown?: ((camera: string, shown: Shown) => void) | undefined;
  /** A replay stands on a tile: the wall is to stay. */
  onReplay?: (() => void) | undefined;
  container?: RefObject<HTMLDivElement | null>;
}

/** What a tile that is dragged to another brings along: the id of its showing. */
const TILE = "application/x-fengsui-tile";

/** The tiles of one wall. They stand in the document in the order their pictures came: one that is moved to another place goes on playing. */
export function WallGrid({ wall, act, protocol, staged = false, onPicture, onShown, onReplay, container }: Props) {
  const { t } = useWords();
  const grid = gridOf(wall);
  const tiles = shownTiles(wall);
  const drop = (event: DragEvent, at: number) => {
    event.preventDefault();
    const moved = Number(event.dataTransfer.getData(TILE));
    const from = moved > 0 ? tiles.findIndex((tile) => tile?.id === moved) : -1;
    if (from >= 0) return act({ kind: "swap", from, to: at });
    const camera = droppedCamera(event.dataTransfer.getData("text/plain"));
    if (camera !== undefined) act({ kind: "show", camera, at });
  };
  const places = grid.boxes.map((box, at) => ({ box, at, tile: tiles[at] })).sort((one, other) => (one.tile?.id ?? Infinity) - (other.tile?.id ?? Infinity) || one.at - other.at);
  return (
    <div className={staged ? "wall staged" : "wall"} ref={container} inert={staged} aria-hidden={staged || undefined} style={{ gridTemplate: `repeat(${grid.rows}, 1fr) / repeat(${grid.columns}, 1fr)` }}>
      {places.map(({ box, at, tile }) => (
        <div key={tile === undefined ? `free ${at}` : tile.id} className={at === wall.spot ? "place spot" : "place"} style={{ gridArea: areaOf(box) }} onDragOver={(event) => event.preventDefault()} onDrop={(event) => drop(event, at)}>
          {tile === undefined || tile.lack !== undefined ? (
            <div className={at === wall.active ? "tile active" : "tile"} data-testid={staged ? undefined : `tile-${at}`} role="group" aria-label={t("wall.tile", { number: at + 1 })} tabIndex={at === wall.active ? 0 : -1} onClick={() => act({ kind: "select", at })}>
              <div className={tile?.lack === undefined ? "free" : "free lack"}>{t(tile?.lack !== undefined ? `wall.lack.${tile.lack}` : at === wall.spot ? "wall.spot.empty" : "wall.empty")}</div>
            </div>
          ) : (
            <Tile at={at} tile={tile} wall={wall} act={act} protocol={protocol} staged={staged} onPicture={onPicture} onShown={onShown} onReplay={onReplay} />
          )}
        </div>
      ))}
    </div>
  );
}

function Tile({ at, tile, wall, act, protocol, staged, onPicture, onShown, onReplay }: Props & { at: number; tile: OnWall }) {
  const { t } = useWords();
  const isSpot = at === wall.spot;
  const { id } = tile;
  const { code } = tile;
  const shown = useCallback((what: Shown) => onShown?.(code, what), [onShown, code]);
  const replayed = useCallback((begun: boolean) => begun && onReplay?.(), [onReplay]);
  const told = useCallback((kind: Picture["kind"]) => onPicture?.(id, kind), [onPicture, id]);
  return (
    <LiveTile
      camera={tile.code}
      name={tile.name}
      protocol={protocol}
      testId={staged === true ? `staged-${at}` : `tile-${at}`}
      steerable={tile.ptz !== undefined && isSteerable(tile.ptz)}
      active={at === wall.active && staged !== true}
      choice={tile.stream ?? (isSpot ? "main" : "auto")}
      onChoose={(stream) => act({ kind: "stream", at, stream })}
      onSelect={() => act({ kind: "select", at })}
      onCarry={(bag) => bag.setData(TILE, String(id))}
      onPicture={told}
      onShown={shown}
      replays={staged !== true}
      onReplay={replayed}
      actions={
        <>
          <button title={t(isSpot ? "wall.spot.end" : "wall.spot")} aria-label={t(isSpot ? "wall.spot.end" : "wall.spot")} aria-pressed={isSpot} data-testid={`tile-${at}-spot`} onClick={() => act({ kind: "spot", at: isSpot ? undefined : at })}>
            <svg viewBox="0 0 16 16" width="15" height="15" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden>
              <path d="M8 1v3M8 12v3M1 8h3M12 8h3M8 4.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7" />
            </svg>
          </button>
          <button title={t("wall.close")} aria-label={t("wall.close")} data-testid={`tile-${at}-close`} onClick={() => act({ kind: "close", at })}>
            ✕
          </button>
          <Link to="/cameras/$code" params={{ code: tile.code }} title={t("wall.details")} aria-label={t("wall.details")} data-testid={`tile-${at}-details`} style={{ color: "inherit" }}>
            ⓘ
          </Link>
        </>
      }
    >
      {isSpot && <span className="spot-mark">{t("wall.spot.mark")}</span>}
    </LiveTile>
  );
}
