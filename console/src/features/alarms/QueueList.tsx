import { Link } from "@tanstack/react-router";
import { useEffect, useLayoutEffect, useRef } from "react";
import { useWords } from "../../ui/language";
import { useRows } from "../../ui/list/use-rows";
import { useMay } from "../../ui/signed-in";
import { useNodeNow } from "../../ui/use-node-now";
import { AlarmRow } from "./AlarmRow";
import type { Alarm } from "./queue";

const ROW_PX = 58;
/** So many rows before the end of what is here, more is asked for. */
const AHEAD = 100;

interface Props {
  alarms: readonly Alarm[];
  /** How many were read, of which these are those that are shown. */
  read: number;
  /** Others follow that are not here yet. */
  more: boolean;
  chosen: number | undefined;
  /** Where the chosen one stands; -1: not in the queue. */
  at: number;
  onChoose: (id: number) => void;
  onEnd: () => void;
}

/** What waits, as many as there are: only those on screen are drawn. */
export function QueueList({ alarms, read, more, chosen, at, onChoose, onEnd }: Props) {
  const { t } = useWords();
  const now = useNodeNow();
  const { scroll, virtual } = useRows({ count: alarms.length, rowPx: ROW_PX });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= alarms.length - AHEAD) onEnd();
  }, [last, alarms.length, read, more, onEnd]);
  useStanding(scroll, alarms);
  const { scrollToIndex } = virtual;
  useEffect(() => {
    if (at >= 0) scrollToIndex(at);
    // Only when another one is chosen: what comes in before it moves nothing.
  }, [chosen]); // eslint-disable-line react-hooks/exhaustive-deps
  return (
    <div ref={scroll} className="queue-rows" role="listbox" tabIndex={0} aria-label={t("alarms.queue")} aria-activedescendant={at < 0 ? undefined : `alarm-${chosen}`} data-testid="alarm-rows">
      {alarms.length === 0 && !more && <NoAlarms />}
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {rows.map((row) => {
          const alarm = alarms[row.index];
          return (
            alarm !== undefined && (
              <div key={alarm.id} id={`alarm-${alarm.id}`} className={alarm.id === chosen ? "queue-row chosen" : "queue-row"} role="option" aria-selected={alarm.id === chosen} aria-setsize={more ? -1 : alarms.length} aria-posinset={row.index + 1} style={{ height: ROW_PX, transform: `translateY(${row.start}px)` }} data-testid={`alarm-${alarm.id}`} onClick={() => onChoose(alarm.id)}>
                <AlarmRow alarm={alarm} now={now} />
              </div>
            )
          );
        })}
      </div>
      {more && <div className="hint">{t("loading")}</div>}
    </div>
  );
}

function NoAlarms() {
  const { t } = useWords();
  const keeper = useMay()("look-around");
  return (
    <div className="hint" role="presentation" data-testid="no-alarms">
      <p>{t("alarms.none")}</p>
      <p>
        {t("alarms.none.help")} {keeper && <Link to="/devices">{t("alarms.none.devices")}</Link>}
      </p>
    </div>
  );
}

/** What is looked at further down stays where it is when something comes in above it; at its head the list shows what is most urgent. */
function useStanding(scroll: React.RefObject<HTMLDivElement | null>, alarms: readonly Alarm[]): void {
  const before = useRef(alarms);
  useLayoutEffect(() => {
    const was = before.current;
    before.current = alarms;
    const sheet = scroll.current;
    if (sheet === null || sheet.scrollTop < ROW_PX || was === alarms) return;
    const top = Math.floor(sheet.scrollTop / ROW_PX);
    const seen = was[top];
    const to = seen === undefined ? -1 : alarms.findIndex(({ id }) => id === seen.id);
    if (to >= 0 && to !== top) sheet.scrollTop += (to - top) * ROW_PX;
  }, [scroll, alarms]);
}
