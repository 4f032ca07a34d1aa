import { Checkbox } from "antd";
import type { ReactNode } from "react";
import type { Schemas } from "../../api-client/client";
import { useWords } from "../../ui/language";
import { useTime } from "../../ui/time";
import { EntryLine } from "./LogEntries";
import { ShiftFigures } from "./ShiftFigures";

export type Passes = Schemas["PassingShape"];
/** What a successor has ticked: with the version and entry that were on the page, so that what came since is not. */
export interface Known {
  orders?: number;
  entry?: number;
  down?: boolean;
}

/** The newest entry that is shown; 0 without any. */
export const newestOf = (passes: Passes) => passes.log[0]?.number ?? 0;

/** Whether everything that passes with the seat is acknowledged. */
export function allKnown(passes: Passes, known: Known): boolean {
  const read = (passes.orders.version === 0 || known.orders === passes.orders.version) && (newestOf(passes) === 0 || known.entry === newestOf(passes));
  return read && (passes.handover.down.length === 0 || known.down === true);
}

/** Standing orders, log and equipment, each to be read and acknowledged. */
export function Passing({ passes, known, onKnown }: { passes: Passes; known: Known; onKnown: (known: Known) => void }) {
  const { t } = useWords();
  const time = useTime();
  const { orders, log, handover } = passes;
  const newest = newestOf(passes);
  const more = handover.down_in_all - handover.down.length;
  return (
    <>
      {handover.figures !== null && <ShiftFigures figures={handover.figures} />}
      <Part title={orders.version === 0 ? t("passing.orders.none") : t("passing.orders", { version: orders.version })} name="orders" needed={orders.version !== 0} ticked={known.orders === orders.version} onTick={(on) => onKnown({ ...known, orders: on ? orders.version : 0 })}>
        {orders.version !== 0 && <p className="difference-text">{orders.text}</p>}
      </Part>
      <Part title={newest === 0 ? t("passing.log.none") : t("passing.log", { number: newest })} name="log" needed={newest !== 0} ticked={known.entry === newest} onTick={(on) => onKnown({ ...known, entry: on ? newest : 0 })}>
        <ol className="log">
          {log.map((one) => (
            <EntryLine key={one.number} entry={one} correctedBy={log.find((other) => other.corrects === one.number)?.number} />
          ))}
        </ol>
      </Part>
      <Part title={handover.down.length === 0 ? t("passing.down.none") : t("passing.down", { count: handover.down_in_all })} name="down" needed={handover.down.length > 0} ticked={known.down === true} onTick={(on) => onKnown({ ...known, down: on })}>
        <ul className="matter-list">
          {handover.down.map((one) => (
            <li key={one.code}>
              {one.name || one.code} <span className="status-fault">{t(one.state === "fault" ? "passing.fault" : "passing.offline")}</span> <span className="quiet">{one.since === null ? "" : time(one.since)}</span>
            </li>
          ))}
          {more > 0 && <li className="quiet">{t("passing.down.more", { count: more })}</li>}
        </ul>
      </Part>
    </>
  );
}

function Part({ title, name, needed, ticked, onTick, children }: { title: string; name: string; needed: boolean; ticked: boolean; onTick: (on: boolean) => void; children: ReactNode }) {
  const { t } = useWords();
  if (!needed) return <p className="quiet">{title}</p>;
  return (
    <section className="passing" data-testid={`passing-${name}`}>
      <h3>{title}</h3>
      <div className="passing-text">{children}</div>
      <Checkbox checked={ticked} data-testid={`known-${name}`} onChange={(event) => onTick(event.target.checked)}>
        {t("passing.known")}
      </Checkbox>
    </section>
  );
}
