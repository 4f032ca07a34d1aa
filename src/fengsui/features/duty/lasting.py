"""The shifts that last, by their number and by person: the door asks at each decision. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from fengsui.features.duty.model import Shift


class LastingShifts(dict[int, Shift]):
    """Those of one person are found without a look at all others, however many are on duty."""

    def __init__(self, shifts: Iterable[Shift] = ()) -> None:
        super().__init__()
        self._of: dict[int, dict[int, Shift]] = {}
        for one in shifts:
            self[one.id] = one

    def __setitem__(self, number: int, shift: Shift) -> None:
        if number in self:
            del self[number]
        super().__setitem__(number, shift)
        self._of.setdefault(shift.user_id, {})[number] = shift

    def __delitem__(self, number: int) -> None:
        mine = self._of[self[number].user_id]
        del mine[number]
        if not mine:
            del self._of[self[number].user_id]
        super().__delitem__(number)

    def of(self, user_id: int) -> Collection[Shift]:
        """One at most, but for the moment in which a seat is taken over."""
        return self._of.get(user_id, {}).values()
