"""Alarms that rules forward: written out as those that a link carries by itself, and once, whichever of the two comes first."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.features.access import Scope
from fengsui.features.alarm_rules import RuleLink
from fengsui.features.alarm_work import AlarmWork
from fengsui.features.dispatch_links import queries
from fengsui.features.dispatch_links.links import DispatchLinks
from fengsui.features.dispatch_links.model import UnfitLink
from fengsui.store import Store


class AlarmForwarding:
    """One for the node."""

    def __init__(self, store: Store, clock: Clock, links: DispatchLinks, work: AlarmWork) -> None:
        self._store = store
        self._clock = clock
        self._links = links
        self._work = work

    def title_of(self, link: int, area: str) -> str:
        """Of one that takes alarms of that whole area now. Raises UnknownLink, UnfitLink."""
        known = self._links.get(link)
        if not area.startswith(known.link.area):
            raise UnfitLink(why_zh="不包含该行政区划", why_en="it does not lie over this area")
        if not known.link.takes_alarms:
            raise UnfitLink(why_zh="只发警情,可让规则立警情", why_en="it carries incidents: let the rule open one")
        if known.secret is None:
            raise UnfitLink(why_zh="登记内容被人改动,须重新登记", why_en="its row was changed past the node")
        if not known.link.is_on:
            raise _off()
        return known.link.title

    def near(self, scopes: Sequence[Scope]) -> list[RuleLink]:
        """Those that take alarms of where somebody may look, by title: also one of a wider area."""
        fitting = (one.link for one in self._links.all() if one.link.is_on and one.link.takes_alarms and one.secret is not None)
        found = [RuleLink(one.id, one.title, one.area) for one in fitting if any(scope.touches(one.area) for scope in scopes)]
        return sorted(found, key=lambda one: (one.title, one.id))

    async def is_told(self, link: int, alarm: int) -> bool:
        """Whether an alarm was written out for it. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.is_told(tx, link, alarm)

    async def forward(self, tx: AsyncConnection, link: int, alarm: int) -> None:
        """As it stands by now, once however often it is forwarded. Raises UnknownLink, UnfitLink, StorageFault."""
        one = await queries.alarm(tx, alarm)
        if one is None:
            return
        self.title_of(link, one.area)
        if not await queries.is_on(tx, link):  # since that was read
            raise _off()
        in_charge = await self._work.in_charge(tx, one) if self._links.get(link).link.is_upper else ""
        await queries.put_alarms(tx, link, [one], self._links.own, self._clock.now().timestamp(), in_charge)

    def wake(self) -> None:
        """Something was forwarded, and is on disk."""
        self._links.news.set()


def _off() -> UnfitLink:
    return UnfitLink(why_zh="已停用", why_en="it is off")
