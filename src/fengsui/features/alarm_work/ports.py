"""What the room tells others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.alarms import Alarm


@dataclass(frozen=True, slots=True)
class AlarmWorkChanged:
    """Somebody took an alarm, found what is the matter or closed it, or it waited too long. `owner`: the person's name."""

    id: int
    area: str
    camera_class: str
    state: str
    priority: int
    owner: str
    escalated: int
    raised: bool
    """It was just made more urgent, or work at all: to a desk it is as new."""
    passed_to: tuple[int, ...] = ()
    """Duty centres that may see to it though it is of elsewhere."""


@dataclass(frozen=True, slots=True)
class AlarmPassed:
    """It was passed on to a duty centre just now: to whoever is on shift there it is as new, and nobody else is told."""

    id: int
    camera_class: str
    priority: int
    centre: int


class Beyond(Protocol):
    """Where alarms go that nobody of this node's centres takes: an upper node."""

    async def offer(self, tx: AsyncConnection, alarm: Alarm, last: int) -> None:
        """In the transaction that passes it to the last centre of its chain (`last`), from where none follows. What is to be sent
        is written down with it, and sent afterwards. Raises StorageFault.
        """
        ...
