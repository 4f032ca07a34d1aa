import { Button, Segmented } from "antd";
import { useContext, useEffect, useRef } from "react";
import { useIncidentWords } from "../../ui/incident-words";
import { useWords } from "../../ui/language";
import { Priority } from "../../ui/Priority";
import { SignedIn } from "../../ui/signed-in";
import { stopwatch } from "../../ui/stopwatch";
import { useShortTime } from "../../ui/time";
import { useNodeNow } from "../../ui/use-node-now";
import { isOpen, openedMs, placeOf, priorityOf, WHICH, type Incident, type Which } from "./incident";

interface Props {
  which: Which;
  onWhich: (which: Which) => void;
  incidents: readonly Incident[];
  /** As many as there are, here or not. */
  total: number;
  /** The node did not answer the last time. */
  late: boolean;
  more: boolean;
  busy: boolean;
  chosen: number | undefined;
  onChoose: (id: number) => void;
  onMore: () => void;
  /** Enters a new one; undefined where the reader may not. */
  onEnter: (() => void) | undefined;
}

/** What is worked on, the most urgent first. */
export function IncidentList({ which, onWhich, incidents, total, late, more, busy, chosen, onChoose, onMore, onEnter }: Props) {
  const { t } = useWords();
  const now = useNodeNow();
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    row.current?.scrollIntoView({ block: "nearest" }); // what it answers is no clean-up
  }, [chosen]);
  return (
    <section className="incident-column" aria-label={t("incidents.list")}>
      <div className="incident-list-head">
        <div>
          <b data-testid="incident-total" data-total={total}>
            {t(`incidents.total.${which}`, { count: total })}
          </b>
          {onEnter !== undefined && (
            <Button size="small" data-testid="enter-incident" onClick={onEnter}>
              {t("incident.open")} <kbd>I</kbd>
            </Button>
          )}
        </div>
        <Segmented<Which> block size="small" value={which} data-testid="which-incidents" options={WHICH.map((one) => ({ value: one, label: t(`incidents.which.${one}`) }))} onChange={onWhich} />
      </div>
      {late && (
        <div className="notice" role="status">
          {t("incidents.late")}
        </div>
      )}
      <div className="incident-rows" data-testid="incident-rows">
        {incidents.length === 0 ? (
          <div className="hint" data-testid="no-incidents">
            <p>{t(`incidents.none.${which}`)}</p>
            {which === "open" && <p>{t("incidents.none.help")}</p>}
          </div>
        ) : (
          <div className="incident-options" role="listbox" tabIndex={0} aria-label={t("incidents.list")} aria-activedescendant={incidents.some(({ id }) => id === chosen) ? `incident-${chosen}` : undefined}>
            {incidents.map((one) => (
              <div key={one.id} id={`incident-${one.id}`} ref={one.id === chosen ? row : undefined} role="option" aria-selected={one.id === chosen} className={one.id === chosen ? "incident-row chosen" : "incident-row"} data-testid={`incident-${one.id}`} data-state={one.state} onClick={() => onChoose(one.id)}>
                <Row incident={one} now={now} />
              </div>
            ))}
          </div>
        )}
        {more && (
          <Button block type="text" loading={busy} data-testid="more-incidents" onClick={onMore}>
            {t("incidents.more")}
          </Button>
        )}
      </div>
    </section>
  );
}

function Row({ incident, now }: { incident: Incident; now: number }) {
  const { t } = useWords();
  const words = useIncidentWords();
  const short = useShortTime();
  const me = useContext(SignedIn)?.user.id;
  const { owner } = incident;
  return (
    <div className={`incident-row-in incident-row-${priorityOf(incident)}`}>
      <div>
        <Priority priority={priorityOf(incident)} />
        <b className="kind">{words("types", incident.type)}</b>
        <time className="age" title={t("incidents.age")} data-testid="incident-age">
          {isOpen(incident) ? stopwatch(now - openedMs(incident)) : short(incident.opened_at)}
        </time>
      </div>
      <div>
        <span className="where" title={placeOf(incident)}>
          {placeOf(incident)}
        </span>
        <span className="state" data-testid="incident-state">
          {words("states", incident.state)}
        </span>
        {isOpen(incident) && (
          <span className={owner !== null && owner.id === me ? "owner mine" : "owner"} data-testid="incident-owner">
            {owner === null ? t("incidents.free") : owner.id === me ? t("incidents.mine") : owner.name}
          </span>
        )}
      </div>
    </div>
  );
}
