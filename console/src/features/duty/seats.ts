import type { Schemas } from "../../api-client/client";

export type Duty = Schemas["DutyShape"];
export type Centre = Schemas["CentreShape"];
export type Shift = Schemas["ShiftShape"];
export type Matter = Schemas["MatterShape"];
export type Slot = Schemas["SlotShape"];
export type Candidate = Schemas["SeatCandidate"];

export interface Seat {
  number: number;
  shift: Shift | undefined;
  /** Whom the roster has here, and who has not come. */
  absent: Centre["absent"][number] | undefined;
}

/** Every seat of a centre in order, taken or not. */
export function seatsOf(centre: Centre): Seat[] {
  const taken = new Map(centre.shifts.map((shift) => [shift.seat, shift]));
  const absent = new Map(centre.absent.map((one) => [one.seat, one]));
  return Array.from({ length: centre.seats }, (_, at) => ({ number: at + 1, shift: taken.get(at + 1), absent: absent.get(at + 1) }));
}

/** Whether each open matter is ticked; one that came up since the dialog opened is not. */
export function allAccepted(matters: readonly Matter[], ticked: ReadonlySet<string>): boolean {
  return matters.every((matter) => ticked.has(matter.id));
}

/** Who may take a seat over: neither oneself nor who sits somewhere else; whom the roster puts at this seat first, the rest as they come. */
export function successors(candidates: readonly Candidate[], seat: number, me: number): Candidate[] {
  const free = candidates.filter((one) => one.user_id !== me && !one.on_duty);
  return [...free.filter((one) => one.seat === seat), ...free.filter((one) => one.seat !== seat)];
}
