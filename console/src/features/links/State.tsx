import { useWords } from "../../ui/language";
import type { PeerState } from "./states";

/** Shape and colour together, as for devices. */
const MARKS: Record<PeerState, { shape: string; colour: "online" | "offline" | "fault" | "unknown" }> = {
  well: { shape: "●", colour: "online" },
  failing: { shape: "▲", colour: "fault" },
  refused: { shape: "▲", colour: "fault" },
  off: { shape: "○", colour: "offline" },
  never: { shape: "◇", colour: "unknown" },
  distrusted: { shape: "▲", colour: "fault" },
};

export function State({ of }: { of: PeerState }) {
  const { t } = useWords();
  const { shape, colour } = MARKS[of];
  return (
    <span className={`status status-${colour}`}>
      <span aria-hidden>{shape}</span> {t(`links.state.${of}`)}
    </span>
  );
}
