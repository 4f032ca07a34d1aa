import "./priority.css";
import { useWords } from "./language";

export type AlarmPriority = 1 | 2 | 3 | 4;
/** The more urgent, the more points a shape has: told apart without colours and at a glance. */
const SHAPES: Record<AlarmPriority, string> = { 1: "▲", 2: "◆", 3: "■", 4: "●" };

/** How urgent an alarm is, by shape, number and colour. */
export function Priority({ priority }: { priority: AlarmPriority }) {
  const { t } = useWords();
  return (
    <span className={`priority priority-${priority}`} data-testid={`priority-${priority}`}>
      <span aria-hidden>{SHAPES[priority]}</span> {t(`priority.${priority}`)}
    </span>
  );
}
