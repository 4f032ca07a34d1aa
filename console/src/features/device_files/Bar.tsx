import { useWords } from "../../ui/language";
import type { TextKey } from "../../ui/texts";

/** A share in thousandths, as a bar and as a number. */
export function Bar({ label, share }: { label: TextKey; share: number }) {
  const { t } = useWords();
  const percent = Math.floor(share / 10);
  return (
    <span className="file-bar" title={`${t(label)} ${percent}%`}>
      <span className={share === 1000 ? "whole" : ""} role="img" aria-label={`${t(label)} ${percent}%`}>
        <i style={{ width: `${percent}%` }} />
      </span>
      <b>{percent}%</b>
    </span>
  );
}
