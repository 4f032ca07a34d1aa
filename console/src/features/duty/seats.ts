import type { Schemas } from "../../api-client/client";

export type Duty = Schemas["DutyShape"];
export type Centre = Schemas["CentreShape"];
export type Shift = Schemas["ShiftShape"];
export type Matter = Schemas["MatterShape"];
export type Slot = Schemas["SlotShape"];

export interface Seat {
  number: number;
  shift: Shift | undefined;
}

/** Every seat of a centre in order, taken or not. */
export function seatsOf(centre: Centre): Seat[] {
  const taken = new Map(centre.shifts.map((shift) => [shift.seat, shift]));
  return Array.from({ length: centre.seats }, (_, at) => ({ number: at + 1, shift: taken.get(at + 1) }));
}

/** Whether each open matter is ticked; one that came up since the dialog opened is not. */
export function allAccepted(matters: readonly Matter[], ticked: ReadonlySet<string>): boolean {
  return matters.every((matter) => ticked.has(matter.id));
}

/** Who may come next by the roster: one slot a person, not one's own, not over, the seat's own first, then the soonest. */
export function nextOnRoster(slots: readonly Slot[], seat: number, me: number, now: number): Slot[] {
  const coming = slots
    .filter((slot) => slot.user_id !== me && Date.parse(slot.until) > now)
    .sort((a, b) => Number(b.seat === seat) - Number(a.seat === seat) || Date.parse(a.since) - Date.parse(b.since));
  const seen = new Set<number>();
  return coming.filter((slot) => !seen.has(slot.user_id) && seen.add(slot.user_id));
}

/** A personal number as it is typed; undefined when it is none. */
export function personNumber(text: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text.trim()) ? Number(text.trim()) : undefined;
}
