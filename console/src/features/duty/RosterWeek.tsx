import { useWords } from "../../ui/language";
import { called } from "../../ui/PersonPick";
import { useZone, wallTime } from "../../ui/zone";
import type { Editing } from "./EditSlot";
import { cellsOf, hoursOf } from "./roster-week";
import type { Centre, Slot } from "./seats";

interface Props {
  centre: Centre;
  days: string[];
  slots: Slot[];
  /** Those in a swap that waits. */
  swapping: ReadonlySet<number>;
  edits: boolean;
  onEdit: (editing: Editing) => void;
}

/** Seats downwards, days across; each slot is a button, each cell that is not over has one to add. */
export function RosterWeek({ centre, days, slots, swapping, edits, onEdit }: Props) {
  const { t, language } = useWords();
  const zone = useZone();
  const today = wallTime(Date.now(), zone).slice(0, "2026-11-26".length);
  const cells = cellsOf(slots, zone);
  const weekday = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" });
  const named = (day: string) => `${weekday.format(new Date(`${day}T00:00Z`))} ${day.slice("2026-".length)}`;
  return (
    <table className="roster" data-testid="roster">
      <thead>
        <tr>
          <th scope="col">{t("roster.seat")}</th>
          {days.map((day) => (
            <th key={day} scope="col" className={day === today ? "today" : ""}>
              {named(day)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {Array.from({ length: centre.seats }, (_, at) => at + 1).map((seat) => (
          <tr key={seat}>
            <th scope="row">{t("duty.seat", { seat })}</th>
            {days.map((day) => (
              <td key={day} className={day === today ? "today" : ""} data-label={named(day)} data-testid={`cell-${day}-${seat}`}>
                {(cells.get(`${day} ${seat}`) ?? []).map((slot) => (
                  <SlotButton key={slot.id} slot={slot} swaps={swapping.has(slot.id)} edits={edits && !slot.over} onOpen={() => onEdit({ day, seat, slot })} />
                ))}
                {edits && day >= today && (
                  <button type="button" className="add-slot" aria-label={t("roster.addAt", { seat, day })} title={t("roster.addAt", { seat, day })} data-testid={`add-${day}-${seat}`} onClick={() => onEdit({ day, seat })}>
                    ＋
                  </button>
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SlotButton({ slot, swaps, edits, onOpen }: { slot: Slot; swaps: boolean; edits: boolean; onOpen: () => void }) {
  const { t, pick } = useWords();
  const zone = useZone();
  const trouble = pick(slot.trouble_zh, slot.trouble_en);
  return (
    <button type="button" className={`slot${trouble === "" ? "" : " troubled"}${slot.over ? " over" : ""}${slot.confirmed ? "" : " draft"}`} disabled={!edits} title={trouble} data-testid={`slot-${slot.id}`} onClick={onOpen}>
      <span className="hours">
        {hoursOf(slot, zone)}
        {swaps && <span aria-label={t("swap.marked")}> ⇄</span>}
        {!slot.confirmed && <span className="quiet"> {t("version.draft")}</span>}
      </span>
      <span className="who">
        {trouble !== "" && "▲ "}
        {called(slot)}
      </span>
    </button>
  );
}
