import { useWords } from "../language";
import type { PlayerState } from "./footage-player";

/** Why a moment of recorded footage is not on screen, and what to do about it. `reason`: the node's own words, in English. */
export function Lacking({ state, reason }: { state: PlayerState; reason: string | undefined }) {
  const { t } = useWords();
  if (state === "missing") return <b>{t("playback.missing")}</b>;
  if (state !== "damaged" && state !== "away" && state !== "undecoded") return null;
  return (
    <>
      <b>{t(`playback.${state}`)}</b>
      <small>{t(`playback.${state}.help`)}</small>
      {state !== "undecoded" && reason !== undefined && <small className="mono">{reason}</small>}
    </>
  );
}
