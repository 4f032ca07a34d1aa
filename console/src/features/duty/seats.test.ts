import { expect, test } from "vitest";
import { allAccepted, nextOnRoster, personNumber, seatsOf, type Centre, type Matter, type Shift, type Slot } from "./seats";

const shift = (seat: number): Shift => ({ id: seat, centre: 1, seat, user_id: seat, name: `p${seat}`, since: "2026-11-26T00:00:00Z", until: "2026-11-26T12:00:00Z", state: "on-duty", successor: 0, remarks: "" });
const centre: Centre = { id: 1, name: "南明", area: "520102", seats: 4, min_staff: 1, short: false, shifts: [shift(3), shift(1)], matters: [] };
const slot = (seat: number, user_id: number, hour: number): Slot => ({ id: hour, seat, user_id, since: `2026-11-26T${String(hour).padStart(2, "0")}:00:00Z`, until: `2026-11-26T${String(hour + 4).padStart(2, "0")}:00:00Z` });
const matter = (id: string): Matter => ({ id, zh: id, en: id });

test("every seat is shown in order, the vacant ones as well", () => {
  expect(seatsOf(centre).map((seat) => [seat.number, seat.shift?.name])).toEqual([[1, "p1"], [2, undefined], [3, "p3"], [4, undefined]]);
});

test("a matter that came up meanwhile keeps the seat from being taken over", () => {
  const ticked = new Set(["emergency:1"]);
  expect(allAccepted([matter("emergency:1")], ticked)).toBe(true);
  expect(allAccepted([matter("emergency:1"), matter("emergency:2")], ticked)).toBe(false);
  expect(allAccepted([], new Set())).toBe(true);
});

test("the roster names the seat's next person first, each once, neither oneself nor who is over", () => {
  const now = Date.parse("2026-11-26T08:00:00Z");
  const slots = [slot(2, 8, 9), slot(1, 9, 12), slot(1, 7, 10), slot(1, 9, 16), slot(1, 5, 8), slot(1, 6, 2)];
  expect(nextOnRoster(slots, 1, 5, now).map((one) => one.user_id)).toEqual([7, 9, 8]);
});

test("a personal number is a whole number above nought", () => {
  expect(["7", " 12 ", "0", "-3", "1.5", "li-si", ""].map(personNumber)).toEqual([7, 12, undefined, undefined, undefined, undefined, undefined]);
});
