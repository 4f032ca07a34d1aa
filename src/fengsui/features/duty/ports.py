"""What other rooms tell duty of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import Principal
from fengsui.features.duty.log_model import Down, Entry, ShiftFigures
from fengsui.features.duty.model import Centre


class Matter(NamedTuple):
    """Something open that one shift hands to the next by name: an alarm, an emergency access, a report that is due."""

    id: str
    """Unique among all matters, such as `emergency:12`."""
    zh: str
    en: str
    area: str


class Equipment(Protocol):
    """Who knows which devices of an area are not in order."""

    def down_in(self, area: str) -> list[Down]:
        """By code."""
        ...


class Figures(Protocol):
    """Who knows what came and what was done during a shift."""

    async def of_shift(self, who: Principal, centre: Centre, since: float, until: float) -> ShiftFigures:
        """Where the centre answers, by what this person may see. Raises StorageFault."""
        ...


class Uses(Protocol):
    """Who knows which use tickets somebody leaves open with a seat."""

    def left_by(self, user_id: int) -> list[Matter]:
        """By number. They stay that person's own: whoever takes the seat over knows of them, and uses none."""
        ...


class Readings(Protocol):
    """A room that has the node write entries of the shift log, and can say them in English too."""

    async def in_english(self, centre: int, entries: Sequence[Entry]) -> dict[int, str]:
        """By number; entries of people, and of other rooms, are left out. Raises StorageFault."""
        ...


class Matters(Protocol):
    """A room that knows open matters of an area."""

    async def open_in(self, area: str, of: int | None = None, centre: int = 0) -> list[Matter]:
        """Those that a centre for `area` answers for, the oldest first; `centre`: and this very one. Raises StorageFault.

        `of`: who leaves a seat there. What others have taken stays theirs, and may be one matter together.
        """
        ...


class Heirlooms(Protocol):
    """A room of which somebody has taken things that pass with the seat to whoever takes it over; else they are anybody's."""

    async def pass_on(self, tx: AsyncConnection, of: int, to: Principal, area: str, centre: int = 0) -> Callable[[], None]:
        """In the transaction of the handover; what is returned is called after the commit. Raises StorageFault."""
        ...

    async def give_back(self, tx: AsyncConnection, of: int, area: str, centre: int = 0) -> Callable[[], None]:
        """Where a shift ends with no successor: in the transaction that writes its end. What is returned is called after the
        commit. Raises StorageFault: the end of the shift is written later, and this with it."""
        ...


class CentreMatters(Protocol):
    """A room that knows open matters of one centre, whatever lies around it."""

    def open_at(self, centre: Centre) -> list[Matter]:
        """Those of this very centre, the oldest first."""
        ...
