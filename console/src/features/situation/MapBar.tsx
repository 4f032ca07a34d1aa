import type { Map as MapLibre } from "maplibre-gl";
import { useWords } from "../../ui/language";
import type { Tool } from "./use-drawing";
import type { Layers } from "./use-overlays";

interface Props {
  map: MapLibre | undefined;
  tool: Tool | undefined;
  onTool: (tool: Tool | undefined) => void;
  layers: Layers;
  onLayers: (layers: Layers) => void;
  onWhole: () => void;
  /** Whether sightings are for who looks. */
  sees: boolean;
  /** Whether alarm points are. */
  guards: boolean;
}

const STEP = { duration: 200 };
/** Drawn, not written: a sign is the same in every font. */
const SIGNS = {
  polygon: "M3 6l6-3 8 4-2 9-9 1z",
  circle: "M10 3a7 7 0 1 0 0 14a7 7 0 1 0 0-14M10 10h5",
  views: "M4 15L16 5M4 15l14-2M16 5a12 12 0 0 1 2 8",
  blind: "M3 3l14 14M8 5.5C13 4 17 8 18 10c-.6 1.2-1.6 2.5-3 3.5M12 14.7C7 15.7 3.5 12.5 2 10c.7-1.3 1.7-2.5 3-3.5",
  sightings: "M2 10C5 5.5 8 4.5 10 4.5S15 5.5 18 10C15 14.5 12 15.5 10 15.5S5 14.5 2 10M10 7.6a2.4 2.4 0 1 0 0 4.8a2.4 2.4 0 1 0 0-4.8",
  alarms: "M4 15h12l-1.6-2.5V9a4.4 4.4 0 0 0-8.8 0v3.5zM8.6 17.5h2.8",
  closer: "M10 4v12M4 10h12",
  farther: "M4 10h12",
  whole: "M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4",
};

/** What can be done on the map, by buttons that keys reach as well. */
export function MapBar({ map, tool, onTool, layers, onLayers, onWhole, sees, guards }: Props) {
  const { t } = useWords();
  const button = (sign: keyof typeof SIGNS, act: () => void, pressed?: boolean) => (
    <button title={t(`situation.tool.${sign}`)} aria-label={t(`situation.tool.${sign}`)} aria-pressed={pressed} data-testid={`map-${sign}`} onClick={act}>
      <svg viewBox="0 0 20 20" width="18" height="18" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinejoin="round" strokeLinecap="round" aria-hidden>
        <path d={SIGNS[sign]} />
      </svg>
    </button>
  );
  return (
    <div className="map-tools" role="toolbar" aria-label={t("situation.tools")}>
      <div>
        {button("closer", () => map?.zoomIn(STEP))}
        {button("farther", () => map?.zoomOut(STEP))}
        {button("whole", onWhole)}
      </div>
      <div>
        {(["polygon", "circle"] as const).map((one) => (
          <span key={one}>{button(one, () => onTool(tool === one ? undefined : one), tool === one)}</span>
        ))}
      </div>
      <div>
        {(["views", "blind", "alarms", "sightings"] as const).filter((one) => (one !== "sightings" || sees) && (one !== "alarms" || guards)).map((one) => (
          <span key={one}>{button(one, () => onLayers({ ...layers, [one]: !layers[one] }), layers[one])}</span>
        ))}
      </div>
    </div>
  );
}
