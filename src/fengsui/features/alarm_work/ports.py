"""What the room tells others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
    late: bool = False
    """Its clock has run out just now: supervisors are told."""


@dataclass(frozen=True, slots=True)
class AlarmPassed:
    """It was passed on to a duty centre just now: to whoever is on shift there it is as new, and nobody else is told."""

    id: int
    camera_class: str
    priority: int
    centre: int


class Beyond(Protocol):
    """Where alarms go that nobody of this node sees to in time: to upper nodes."""

    async def announce(self, alarms: Collection[Alarm]) -> None:
        """On record, before: which of these go up now, and to whom. Raises AuditUnavailable, StorageFault."""
        ...

    async def offer(self, tx: AsyncConnection, alarm: Alarm, in_charge: str) -> Sequence[str]:
        """In the transaction in which it goes no further here: at the last centre of its chain, or, where it passes to no next
        one, at the last level of its escalation. What is to be sent is written down with it, once however often it is offered.
        `in_charge`: the unit or centre that has it. The titles of those that get it. Raises StorageFault.
        """
        ...

    def wake(self) -> None:
        """What was offered is on disk."""
        ...
