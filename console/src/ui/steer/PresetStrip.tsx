import { useQuery } from "@tanstack/react-query";
import { api, body, type Schemas } from "../../api-client/client";
import { useWords } from "../language";
import { ScreenMark } from "../player/ScreenMark";

type Preset = Schemas["PresetShape"];
const NONE: readonly Preset[] = [];
const LOOK_MS = 30_000;

/** The presets of the camera inside its sector; none where it tells of none. */
export function usePresets(camera: string): readonly Preset[] {
  const found = useQuery({ queryKey: ["presets", camera], retry: false, staleTime: LOOK_MS, queryFn: () => body(api.GET("/api/v1/cameras/{code}/presets", { params: { path: { code: camera } } })) });
  return found.data?.items ?? NONE;
}

interface Props {
  camera: string;
  presets: readonly Preset[];
  disabled: boolean;
  onGo: (number: number) => void;
}

/** Presets on the picture that is steered, each by its own small picture: a click, or its digit, goes there. */
export function PresetStrip({ camera, presets, disabled, onGo }: Props) {
  const { t } = useWords();
  if (presets.length === 0) return null;
  return (
    <div className="preset-strip" role="group" aria-label={t("camera.presets")} data-testid="preset-strip" onPointerDown={(event) => event.stopPropagation()} onWheel={(event) => event.stopPropagation()}>
      {presets.map(({ number, name, has_picture, allowed }) => (
        <button key={number} disabled={disabled || !allowed} title={allowed ? `${number} · ${name}` : t("preset.outside")} data-testid={`strip-preset-${number}`} onClick={() => onGo(number)}>
          {has_picture && (
            <i>
              <img src={`/api/v1/cameras/${camera}/presets/${number}/picture?${name}`} alt="" draggable={false} />
              <ScreenMark />
            </i>
          )}
          <span>
            <b>{number}</b> {name}
          </span>
        </button>
      ))}
    </div>
  );
}
