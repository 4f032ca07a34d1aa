import { Select } from "antd";
import { Link } from "@tanstack/react-router";
import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { useWords } from "../../ui/language";
import { LiveTile } from "../../ui/player/LiveTile";
import { chooseProtocol, chosenProtocol, PROTOCOL_NAMES, type Choice } from "../../ui/player/protocol";
import { isSteerable } from "../../ui/steerable";
import { CameraTree } from "../../ui/tree/CameraTree";
import { droppedCamera, keepWall, keptWall, LAYOUTS, nextWall, type Layout } from "../../ui/wall-state";

const LAYOUT_KEYS: Record<string, Layout> = { "1": 1, "4": 4, "9": 9, "6": 16 };
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The area tree beside the wall; everything works by mouse, by dragging, and by keyboard. */
export function WallPage() {
  const { t } = useWords();
  const [wall, act] = useReducer(nextWall, undefined, keptWall);
  const [choice, setChoice] = useState<Choice>(chosenProtocol);
  const search = useRef<HTMLInputElement>(null);
  const tiles = useRef<HTMLDivElement>(null);
  const keyed = useRef(false);
  const columns = Math.sqrt(wall.layout);

  useEffect(() => keepWall(wall), [wall]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
      const layout = LAYOUT_KEYS[event.key];
      const arrow = ARROWS[event.key];
      if (layout !== undefined) act({ kind: "layout", layout });
      else if (arrow !== undefined) {
        keyed.current = true;
        act({ kind: "move", dx: arrow[0], dy: arrow[1] });
      } else if (event.key === "Delete") act({ kind: "close", at: wall.active });
      else if (event.key === "/") search.current?.focus();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [wall.active]);

  const focusTile = useCallback((at: number) => tiles.current?.querySelector<HTMLElement>(`[data-testid="tile-${at}"]`)?.focus(), []);
  useEffect(() => {
    if (keyed.current) focusTile(wall.active); // so that Tab goes on to this tile's own buttons
    keyed.current = false;
  }, [wall.active, focusTile]);

  const shown = new Set(wall.tiles.slice(0, wall.layout).flatMap((tile) => tile?.code ?? []));
  return (
    <div className="live">
      <CameraTree search={search} shown={shown} onOpen={(camera) => act({ kind: "show", camera })} onLeave={() => focusTile(wall.active)} />
      <div className="wall-area">
        <div className="bar" role="toolbar" aria-label={t("wall.toolbar")}>
          {LAYOUTS.map((layout) => (
            <button key={layout} data-testid={`layout-${layout}`} aria-pressed={layout === wall.layout} onClick={() => act({ kind: "layout", layout })}>
              {t("wall.layout", { count: layout })}
            </button>
          ))}
          <button onClick={() => act({ kind: "clear" })}>{t("wall.clear")}</button>
          <span className="grow" />
          <span className="keys">{t("wall.keys")}</span>
          <span className="quiet protocol">{t("player.protocol")}</span>
          <Select<Choice>
            size="small"
            value={choice}
            aria-label={t("player.protocol")}
            data-testid="protocol-select"
            style={{ width: 120 }}
            onChange={(chosen) => {
              chooseProtocol(chosen);
              setChoice(chosen);
            }}
            options={[
              { value: "auto", label: t("player.auto") },
              { value: "ws", label: PROTOCOL_NAMES.ws },
              { value: "webrtc", label: PROTOCOL_NAMES.webrtc },
              { value: "hls", label: PROTOCOL_NAMES.hls },
            ]}
          />
        </div>
        <div className="wall" ref={tiles} style={{ gridTemplate: `repeat(${columns}, 1fr) / repeat(${columns}, 1fr)` }}>
          {wall.tiles.slice(0, wall.layout).map((tile, at) => (
            <div
              key={at}
              style={{ minWidth: 0, minHeight: 0, display: "grid" }}
              onDragOver={(event) => event.preventDefault()}
              onDrop={(event) => {
                event.preventDefault();
                const camera = droppedCamera(event.dataTransfer.getData("text/plain"));
                if (camera !== undefined) act({ kind: "show", camera, at });
              }}
            >
              {tile === undefined ? (
                <div className={at === wall.active ? "tile active" : "tile"} data-testid={`tile-${at}`} role="group" aria-label={t("wall.tile", { number: at + 1 })} tabIndex={at === wall.active ? 0 : -1} onClick={() => act({ kind: "select", at })}>
                  <div className="free">{t("wall.empty")}</div>
                </div>
              ) : (
                <LiveTile
                  key={tile.code}
                  camera={tile.code}
                  name={tile.name}
                  protocol={choice}
                  testId={`tile-${at}`}
                  steerable={tile.ptz !== undefined && isSteerable(tile.ptz)}
                  active={at === wall.active}
                  choice={tile.stream ?? "auto"}
                  onChoose={(stream) => act({ kind: "stream", at, stream })}
                  onSelect={() => act({ kind: "select", at })}
                  actions={
                    <>
                      <button title={t("wall.close")} aria-label={t("wall.close")} onClick={() => act({ kind: "close", at })}>
                        ✕
                      </button>
                      <Link to="/cameras/$code" params={{ code: tile.code }} title={t("wall.details")} aria-label={t("wall.details")} data-testid={`tile-${at}-details`} style={{ color: "inherit" }}>
                        ⓘ
                      </Link>
                    </>
                  }
                />
              )}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
