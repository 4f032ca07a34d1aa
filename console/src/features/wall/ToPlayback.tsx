import { useNavigate } from "@tanstack/react-router";
import { useWords } from "../../ui/language";
import { useMay } from "../../ui/signed-in";
import { footageToPlay } from "../../ui/to-playback";
import { shownTiles, type Wall } from "../../ui/wall-state";

/** As many as playback shows. */
const MOST = 9;
/** What is recorded by now, and recently. */
const AGO_US = 120e6;

/** From the pictures of the wall to their recordings, shortly before now. */
export function ToPlayback({ wall }: { wall: Wall }) {
  const { t } = useWords();
  const goTo = useNavigate();
  const may = useMay();
  if (!may("view-recorded")) return null;
  const shown = new Map(shownTiles(wall).flatMap((tile) => (tile === undefined || tile.code === "" ? [] : [[tile.code, { code: tile.code, name: tile.name }] as const])));
  const play = () => {
    footageToPlay({ cameras: [...shown.values()].slice(0, MOST), atUs: Date.now() * 1_000 - AGO_US });
    void goTo({ to: "/playback" });
  };
  return (
    <button data-testid="wall-playback" disabled={shown.size === 0} title={t(shown.size > MOST ? "wall.playback.first" : "wall.playback.title", { count: MOST })} onClick={play}>
      {t("wall.playback")}
    </button>
  );
}
