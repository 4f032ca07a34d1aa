import { Select } from "antd";
import { useState, type ReactNode } from "react";
import { useWords } from "../../ui/language";
import { chooseProtocol, PROTOCOL_NAMES, type Choice } from "../../ui/player/protocol";
import { presetOf, PRESETS, presetText } from "../../ui/wall-grid";
import type { Wall, WallAct } from "../../ui/wall-state";
import { GridEditor } from "./GridEditor";
import { GridGlyph } from "./GridGlyph";
import { LAYOUT_KEYS } from "./use-wall-keys";

interface Props {
  wall: Wall;
  act: (act: WallAct) => void;
  protocol: Choice;
  onProtocol: (choice: Choice) => void;
  /** Stand between the grids and what is rarely wanted. */
  children?: ReactNode;
}

/** Grids, what else the wall does, and the way of playing. */
export function WallBar({ wall, act, protocol, onProtocol, children }: Props) {
  const { t } = useWords();
  const [editing, setEditing] = useState(false);
  const preset = presetOf(wall.grid);
  return (
    <div className="wall-bar" role="toolbar" aria-label={t("wall.toolbar")}>
      {PRESETS.map((count) => {
        const key = Object.entries(LAYOUT_KEYS).find(([, one]) => one === count)?.[0] ?? "";
        return (
          <button key={count} className="layout" data-testid={`layout-${count}`} aria-pressed={count === preset} aria-label={t("wall.layout", { count })} title={`${t("wall.layout", { count })} (${key})`} onClick={() => act({ kind: "grid", grid: presetText(count) })}>
            <GridGlyph text={presetText(count)} />
            {count}
          </button>
        );
      })}
      <button className="layout" data-testid="layout-custom" aria-pressed={preset === undefined} title={t("wall.custom")} aria-haspopup="dialog" onClick={() => setEditing(true)}>
        {preset === undefined && <GridGlyph text={wall.grid} />}
        {t("wall.custom.few")}
      </button>
      <i className="parting" />
      {children}
      <button data-testid="wall-clear" onClick={() => act({ kind: "clear" })}>{t("wall.clear")}</button>
      <span className="grow" />
      <span className="keys">{t("wall.keys")}</span>
      <Select<Choice>
        size="small"
        value={protocol}
        aria-label={t("player.protocol")}
        title={t("player.protocol")}
        data-testid="protocol-select"
        style={{ width: 104 }}
        onChange={(chosen) => {
          chooseProtocol(chosen);
          onProtocol(chosen);
        }}
        options={[
          { value: "auto", label: t("player.auto") },
          { value: "ws", label: PROTOCOL_NAMES.ws },
          { value: "webrtc", label: PROTOCOL_NAMES.webrtc },
          { value: "hls", label: PROTOCOL_NAMES.hls },
        ]}
      />
      {editing && (
        <GridEditor
          grid={wall.grid}
          onLeave={() => setEditing(false)}
          onDone={(grid) => {
            act({ kind: "grid", grid });
            setEditing(false);
          }}
        />
      )}
    </div>
  );
}
