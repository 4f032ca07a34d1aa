import { expect, test } from "vitest";
import { allAccepted, seatsOf, successors, type Candidate, type Centre, type Matter, type Shift } from "./seats";

const shift = (seat: number): Shift => ({ id: seat, centre: 1, seat, user_id: seat, name: `p${seat}`, full_name: "", since: "2026-11-26T00:00:00Z", until: "2026-11-26T12:00:00Z", state: "on-duty", successor: 0, successor_name: "", successor_full_name: "", remarks: "", due: "", extensions: [] });
const centre: Centre = { id: 1, name: "南明", area: "520102", seats: 4, min_staff: 1, short: false, last: true, shifts: [shift(3), shift(1)], permits: [], absent: [{ seat: 2, name: "p2", full_name: "", since: "2026-11-26T00:00:00Z", taken_away: false }], matters: [], following: null };
const candidate = (user_id: number, seat: number, on_duty = false): Candidate => ({ user_id, name: `p${user_id}`, full_name: "", unit: "", posts: ["operator"], on_duty, seat, since: seat === 0 ? null : "2026-11-26T08:00:00Z" });
const matter = (id: string): Matter => ({ id, zh: id, en: id });

test("every seat is shown in order, the vacant ones as well", () => {
  expect(seatsOf(centre).map((seat) => [seat.number, seat.shift?.name])).toEqual([[1, "p1"], [2, undefined], [3, "p3"], [4, undefined]]);
  expect(seatsOf(centre).map((seat) => seat.absent?.name)).toEqual([undefined, "p2", undefined, undefined]);
});

test("a matter that came up meanwhile keeps the seat from being taken over", () => {
  const ticked = new Set(["emergency:1"]);
  expect(allAccepted([matter("emergency:1")], ticked)).toBe(true);
  expect(allAccepted([matter("emergency:1"), matter("emergency:2")], ticked)).toBe(false);
  expect(allAccepted([], new Set())).toBe(true);
});

test("the roster's next at this seat comes first; neither oneself nor who sits elsewhere is offered", () => {
  const found = successors([candidate(8, 2), candidate(5, 1), candidate(7, 1), candidate(9, 0), candidate(6, 1, true)], 1, 5);
  expect(found.map((one) => one.user_id)).toEqual([7, 8, 9]);
});
