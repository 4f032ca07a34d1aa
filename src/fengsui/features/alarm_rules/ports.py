"""What rules know of links to other systems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import Scope


class RuleLink(NamedTuple):
    """A link over which alarms of an area, and of what lies within, may be forwarded."""

    id: int
    title: str
    area: str


class Forwarding(Protocol):
    """Who sends alarms to other systems."""

    def title_of(self, link: int, area: str) -> str:
        """Of one that takes alarms of that whole area now. Raises what says why it does not."""
        ...

    def near(self, scopes: Sequence[Scope]) -> list[RuleLink]:
        """Those that take alarms of where somebody may look, by title: also one of a wider area."""
        ...

    async def is_told(self, link: int, alarm: int) -> bool:
        """Whether an alarm was sent over it or is to be. Raises StorageFault."""
        ...

    async def forward(self, tx: AsyncConnection, link: int, alarm: int) -> None:
        """From the commit on it is sent, once however often it is forwarded. Raises as `title_of` does, StorageFault."""
        ...

    def wake(self) -> None:
        """Something was forwarded, and is on disk."""
        ...
