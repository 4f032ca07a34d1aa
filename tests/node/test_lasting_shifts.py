"""The shifts that last, by number and by person."""

from __future__ import annotations

from dataclasses import replace

from fengsui.features.duty.lasting import LastingShifts
from fengsui.features.duty.model import Shift


def test_lasting_shifts_are_found_by_person_whatever_came_and_went() -> None:
    shifts = LastingShifts(Shift(number, 1, number, number % 3, f"p{number}", 0.0, 9.0) for number in range(1, 7))
    assert [sorted(one.id for one in shifts.of(person)) for person in range(4)] == [[3, 6], [1, 4], [2, 5], []]
    shifts[4] = replace(shifts[4], remarks="offered")
    assert sorted(one.remarks for one in shifts.of(1)) == ["", "offered"]
    shifts[5] = replace(shifts[5], user_id=9)
    assert [[one.id for one in shifts.of(person)] for person in (2, 9)] == [[2], [5]]
    for number in list(shifts):
        del shifts[number]
    assert not shifts and not any(shifts.of(person) for person in (0, 1, 2, 9))
