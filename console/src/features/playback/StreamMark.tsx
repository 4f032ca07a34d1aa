import { useWords } from "../../ui/language";
import type { Stream } from "./streams";

interface Props {
  code: string;
  shown: Stream;
  chosen: boolean;
  /** There is footage of the other one, too. */
  offered: boolean;
  onTurn: () => void;
}

/** Whose footage is played, where that is not the main stream's alone. */
export function StreamMark({ code, shown, chosen, offered, onTurn }: Props) {
  const { t } = useWords();
  const name = t(`camera.${shown}`);
  if (!offered && !chosen)
    return shown === "main" ? null : (
      <span className="stream" title={t("playback.stream.only")} data-testid={`stream-${code}`} data-stream={shown}>
        {name}
      </span>
    );
  return (
    <button className="stream" title={chosen ? t("playback.stream.leave") : t("playback.stream.show", { stream: t(`camera.${shown === "main" ? "sub" : "main"}`) })} aria-pressed={chosen} data-testid={`stream-${code}`} data-stream={shown} onClick={onTurn}>
      {name}
    </button>
  );
}
