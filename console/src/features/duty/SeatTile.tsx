import { Button } from "antd";
import { ActButton } from "../../ui/act";
import { useWords } from "../../ui/language";
import { personName } from "../../ui/person-name";
import { useShortTime } from "../../ui/time";
import type { Seat, Shift } from "./seats";

interface TileProps {
  seat: Seat;
  me: number;
  maySit: boolean;
  manages: boolean;
  onSit: () => Promise<unknown>;
  onLeave: (how: "hand-over" | "sign-off") => void;
  onExtend: (shift: Shift) => void;
  onEnd: (shift: Shift) => void;
}

/** Who sits at one seat, until when and why so long; what the reader may do about it. */
export function SeatTile({ seat, me, maySit, manages, onSit, onLeave, onExtend, onEnd }: TileProps) {
  const { t } = useWords();
  const short = useShortTime();
  const { number, shift, absent } = seat;
  const own = shift?.user_id === me;
  /** Without the day where it is the same. */
  const end = ({ since, until }: Shift) => (short(since).slice(0, "11-26".length) === short(until).slice(0, "11-26".length) ? short(until).slice("11-26 ".length) : short(until));
  const last = shift?.extensions.at(-1);
  const word = last === undefined ? undefined : { name: last.by || last.late, until: short(last.until), reason: last.reason };
  const why = word === undefined ? "" : last?.by ? t("shift.by", word) : t(word.name === "" ? "shift.nobody" : "shift.late", word);
  return (
    <div className={`seat${shift === undefined ? " vacant" : ""}${own ? " own" : ""}`} data-testid={`seat-${number}`}>
      <div className="quiet">{t("duty.seat", { seat: number })}</div>
      {shift === undefined && absent !== undefined && (
        <div className="who status-fault" data-testid="absent">
          ▲ {absent.taken_away ? t("shift.takenAway") : t("duty.absent", { name: personName(absent), since: short(absent.since) })}
        </div>
      )}
      {absent?.taken_away && (
        <div className="quiet">
          {personName(absent)} · {short(absent.since)}
        </div>
      )}
      {shift === undefined && absent === undefined && <div className="who status-offline">○ {t("duty.vacant")}</div>}
      {shift !== undefined && (
        <>
          <div className="who" title={personName(shift)}>
            <span className={shift.state === "on-duty" ? "status-online" : "status-unknown"}>{shift.state === "on-duty" ? "●" : "◆"}</span> {shift.full_name || shift.name}
            {shift.full_name !== "" && <span className="account-name"> {shift.name}</span>}
            {shift.extensions.length > 0 && <span className="status-unknown"> · {t("shift.extended")}</span>}
          </div>
          <div className="quiet" data-testid="shift-times">
            {shift.state === "handing-over" ? t("duty.handingOver", { who: personName({ name: shift.successor_name, full_name: shift.successor_full_name }) }) : t("duty.until", { since: short(shift.since), until: end(shift) })}
          </div>
          {why !== "" && (
            <div className="quiet why" title={why} data-testid="extended">
              {why}
            </div>
          )}
        </>
      )}
      <div className="seat-acts">
        {shift === undefined && maySit && (
          <ActButton size="small" type="primary" data-testid={`sign-on-${number}`} act={onSit}>
            {t("duty.signOn")}
          </ActButton>
        )}
        {shift !== undefined && !own && manages && (
          <>
            <Button size="small" data-testid={`extend-${number}`} onClick={() => onExtend(shift)}>
              {t("shift.extend")}
            </Button>
            <Button size="small" danger data-testid={`end-${number}`} onClick={() => onEnd(shift)}>
              {t("shift.end")}
            </Button>
          </>
        )}
        {own && (
          <>
            <Button size="small" type="primary" data-testid="hand-over" onClick={() => onLeave("hand-over")}>
              {t("duty.handOver")}
            </Button>
            <Button size="small" data-testid="sign-off" onClick={() => onLeave("sign-off")}>
              {t("duty.signOff")}
            </Button>
          </>
        )}
      </div>
    </div>
  );
}
