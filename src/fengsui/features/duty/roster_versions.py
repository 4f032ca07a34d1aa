"""A week's roster is a draft until a supervisor publishes it; every change behind that is a version too, with who and when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import tzinfo

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import Access, Principal
from fengsui.features.duty import roster_queries
from fengsui.features.duty.model import UnusablePlan
from fengsui.features.duty.roster_model import Version, VersionLine, Week, week_of

MOST_VERSIONS = 200
"""Of a week that are shown; all are kept."""


@dataclass(frozen=True, slots=True)
class Versions:
    """Of every centre's weeks. Writes in the transaction of whoever changes the roster."""

    access: Access
    zone: tzinfo

    def week(self, at: float) -> Week:
        """In which a moment lies. Raises UnusablePlan at the ends of time."""
        try:
            return week_of(at, self.zone)
        except (OverflowError, ValueError) as error:
            raise UnusablePlan(why_zh="时间超出范围", why_en="the time is out of all range") from error

    async def published(self, tx: AsyncConnection, centre: int, at: float) -> bool:
        """Whether a line that begins then binds at once."""
        return await roster_queries.newest_version(tx, centre, self.week(at)) > 0

    async def note(
        self, tx: AsyncConnection, who: Principal, centre: int, weeks: Collection[Week], change: str, now: float
    ) -> None:
        """Another version of each week that is published."""
        for week in sorted(set(weeks)):
            if newest := await roster_queries.newest_version(tx, centre, week):
                await self.add(tx, who, centre, week, newest + 1, change, now)

    async def add(
        self, tx: AsyncConnection, who: Principal, centre: int, week: Week, version: int, change: str, now: float
    ) -> Version:
        """The week's roster as it stands in this transaction."""
        slots = await roster_queries.slots_of(tx, centre, week)
        named = await self.access.persons.named(one.user_id for one in slots)
        lines = tuple(
            VersionLine(one.seat, one.user_id, named[one.user_id].name if one.user_id in named else "", one.since, one.until)
            for one in slots
        )
        made = Version(version, who.user_id, who.name, now, change, lines)
        await roster_queries.add_version(tx, centre, week, made)
        return made
