import { useWords } from "./language";

export type Status = "online" | "offline" | "fault" | "unknown";
/** Shape and colour together: readable without seeing colours. */
const SHAPES: Record<Status, string> = { online: "●", offline: "○", fault: "▲", unknown: "◇" };

export function StatusMark({ status, withText = false }: { status: Status; withText?: boolean }) {
  const { t } = useWords();
  const text = t(`status.${status}`);
  return (
    <span className={`status status-${status}`} title={text}>
      <span role={withText ? undefined : "img"} aria-label={withText ? undefined : text} aria-hidden={withText}>
        {SHAPES[status]}
      </span>
      {withText && <span className="status-text"> {text}</span>}
    </span>
  );
}
