"""What waits to be on disk: a frame of a host, or a message of a device, with the alarms that it tells."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

Done = Callable[[bool], None]
"""Told once: whether the frame is on disk."""
Beside = Callable[[AsyncConnection, Sequence[int]], Awaitable[None]]
"""Writes what belongs to new alarms, by their numbers, in the transaction that stores them."""


@dataclass(slots=True, eq=False)
class Frame:
    """A right one, not on disk yet. Times: seconds since 1970, `began_s` of the monotonic clock."""

    key: str
    """The same when it is sent again."""
    account: str
    """Whose share of what waits it takes."""
    facts: tuple[Mapping[str, Any], ...]
    """Its alarms as they are stored, at least one, without what its arrival adds."""
    first_at: float
    began_s: float
    last_at: float = 0.0
    repeats: int = 0
    done: list[Done] = field(default_factory=list)
    lasting: bool = False
    """Its key is of this alarm alone, however late it comes again; else it may be used anew after some minutes."""
    beside: Beside | None = None
    ids: list[int] = field(default_factory=list)
    """Of the alarms that it made; none where it was on disk already."""
    shelved: frozenset[int] = frozenset()
    """Of these alarms, those whose source is shelved."""
    tried: bool = False
    """A transaction was to make its alarms: if its end is not known, they may be on disk."""
    stored: bool = False
    """Its transaction is committed."""

    def rows(self) -> list[dict[str, Any]]:
        """As they are stored."""
        first_at, last_at = self.first_at, max(self.first_at, self.last_at)
        return [
            {
                **{"tested": False, "unarmed": False},
                **one,
                "body_key": self.key,
                "ordinal": ordinal,
                "first_at": first_at,
                "last_at": last_at,
                "repeats": self.repeats,
            }
            for ordinal, one in enumerate(self.facts)
        ]
