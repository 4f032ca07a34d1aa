"""What rules know of links to other systems, of who tells people, and of outputs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import Scope
from fengsui.features.alarms import Alarm


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


class Addressee(NamedTuple):
    """Somebody who is told: by a post, or in a unit, or both."""

    user_id: int
    name: str
    post: str
    unit: str


class NoticeOrder(NamedTuple):
    """What people are told beside what the alarm is.

    `by`: the rule as it stands at the alarm; `place`: empty where not everybody may know it.
    """

    rule: int
    by: str
    priority: int
    place: str
    text: str


class Noticing(Protocol):
    """Who tells people."""

    async def people(self, alarm: Alarm, posts: Collection[str], *, units: bool) -> list[Addressee]:
        """Whoever is to be told, at least one. Raises what says that there is nobody; StorageFault."""
        ...

    async def put(self, tx: AsyncConnection, alarm: Alarm, order: NoticeOrder, people: Collection[Addressee]) -> None:
        """From the commit on they are told, once however often it is tried. Raises StorageFault."""
        ...

    def wake(self, alarm: Alarm) -> None:
        """Something was put, and is on disk."""
        ...


class Switching(Protocol):
    """Who switches outputs."""

    def name_of(self, output: int, area: str) -> str:
        """Of one that lies within this area and may be switched on now. Raises what says why it may not."""
        ...

    async def put(self, tx: AsyncConnection, output: int, seconds: int, by: str, alarm: int, rule: int, version: int) -> None:
        """From the commit on it is to be switched on, and off again; what fails later is told at alarm and rule. Raises what says
        that there is no such output; StorageFault."""
        ...

    def wake(self) -> None:
        """Something was put, and is on disk."""
        ...
