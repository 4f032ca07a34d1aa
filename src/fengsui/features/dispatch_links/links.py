"""Links as they are entered: all in memory by name; what an incident's line means to them is written in the line's transaction."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.alarm_settings import DispatchLinksSection
from fengsui.clock import Clock
from fengsui.errors import NodeFault
from fengsui.features.access import Principal
from fengsui.features.alarms import HostKeys, KeyUnreadable
from fengsui.features.audit import Act, Audit
from fengsui.features.dispatch_links import queries
from fengsui.features.dispatch_links.model import (
    MOST_LINKS,
    TOLD_AFTER,
    Aside,
    Figures,
    Link,
    LinkKnown,
    LinkSetAside,
    LinkWaits,
    News,
    TooManyLinks,
    UnknownLink,
    Written,
    check_news,
    check_upper,
    check_url,
    job_body,
    news_of,
)
from fengsui.features.incidents import Incident
from fengsui.store import SealedRow, Store, written

log = structlog.get_logger(__name__)
SECRET_BYTES: Final = 32


@dataclass(slots=True)
class KnownLink:
    """`secret` None: its row was changed past the node, and nothing is sent there. `due_s`: not before, by the monotonic clock."""

    link: Link
    secret: bytes | None
    figures: Figures
    due_s: float = 0.0
    aside: Aside = field(default_factory=Aside)


@dataclass(frozen=True, slots=True)
class LinkWanted:
    """As somebody enters it. `secret` empty: the node makes one."""

    name: str
    title: str
    url: str
    area: str
    news: Sequence[News]
    least_urgent: int
    secret: str


class DispatchLinks:
    """One for the node. `own`: its code, which no other node has."""

    def __init__(self, settings: DispatchLinksSection, store: Store, clock: Clock, audit: Audit, keys: HostKeys, own: str) -> None:
        self.settings = settings
        self.own = own
        self._store = store
        self._clock = clock
        self._audit = audit
        self._keys = keys
        self._known: dict[int, KnownLink] = {}
        self._changing = asyncio.Lock()
        self.news = asyncio.Event()
        """Set when something of a link is another."""

    async def start(self) -> None:
        """Reads them all. Raises StorageFault."""
        await self._read()

    async def _read(self) -> None:
        async with self._store.reading() as tx:
            rows, aside = await queries.links(tx), await queries.set_aside(tx)
        before, self._known = self._known, {}
        for row, whole in rows:
            known = self._enter(row, self._opened(row, whole))
            known.aside = aside.get(row.id, Aside())
            if row.id in before:
                known.figures, known.due_s = before[row.id].figures, before[row.id].due_s

    def _opened(self, row: SealedRow, whole: bool) -> bytes | None:
        try:
            if not whole:
                raise KeyUnreadable()
            return self._keys.opened(row.name, row.sealed_secret)
        except KeyUnreadable:
            log.error("a link's row is not as the node wrote it; nothing is sent there", link=row.name)
            return None

    def _enter(self, row: SealedRow, secret: bytes | None) -> KnownLink:
        news = tuple(one for one in News if one.value in str(row.news).split())
        facts = row.id, row.name, row.title, row.url, row.area, news, row.least_urgent, row.made_at, bool(row.is_on)
        known = KnownLink(Link(*facts), secret, Figures(**{name: getattr(row, name) for name in queries.FIGURES}))
        self._known[row.id] = known
        return known

    def all(self) -> list[KnownLink]:
        """By name."""
        return sorted(self._known.values(), key=lambda one: one.link.name)

    def get(self, id: int) -> KnownLink:
        """Raises UnknownLink."""
        found = self._known.get(id)
        if found is None:
            raise UnknownLink()
        return found

    async def waiting(self) -> dict[int, int]:
        """By link, how much waits. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.waiting(tx)

    async def numbers_of(self, incident: int) -> dict[str, str]:
        """By the systems that know an incident, their numbers. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.numbers_of(tx, incident)

    def faults(self) -> list[tuple[NodeFault, datetime]]:
        """For the node's page: links over which nothing goes, and what they do not take."""
        waits: list[tuple[NodeFault, datetime]] = [
            (
                LinkWaits(title=one.link.title, count=one.figures.failures, why=one.figures.fault),
                datetime.fromtimestamp(one.figures.failed_since, UTC),
            )
            for one in self.all()
            if one.link.is_on and one.figures.failures >= TOLD_AFTER
        ]
        aside = [(one.link.title, one.aside) for one in self.all() if one.aside.count]
        return waits + [
            (LinkSetAside(title=title, count=found.count, why=found.why), datetime.fromtimestamp(found.since, UTC))
            for title, found in aside
        ]

    async def add(self, who: Principal, wanted: LinkWanted) -> tuple[KnownLink, str]:
        """With its secret, told now and never again.

        Raises UnusableLink, LinkKnown, TooManyLinks, AuditUnavailable, StorageFault.
        """
        check_news(wanted.news)
        check_url(wanted.url, self.settings.plain_to)
        check_upper(wanted.news, wanted.url, wanted.secret)
        async with self._changing:
            if any(one.link.name == wanted.name for one in self._known.values()):
                raise LinkKnown(name=wanted.name)
            if len(self._known) >= MOST_LINKS:
                raise TooManyLinks(limit=MOST_LINKS)
            news = " ".join(one.value for one in News if one in wanted.news)
            said = f"{wanted.area} {wanted.title}; {wanted.url}; {news}; priority up to {wanted.least_urgent}"
            await self._audit.record(who, Act.DISPATCH_LINK_ADD, wanted.name, detail=said)
            secret = wanted.secret or secrets.token_urlsafe(SECRET_BYTES)
            row: dict[str, Any] = {
                **{"name": wanted.name, "title": wanted.title, "url": wanted.url, "area": wanted.area, "news": news},
                **{"least_urgent": wanted.least_urgent, "sealed_secret": self._keys.sealed(wanted.name, secret.encode())},
                **{"made_at": self._clock.now().timestamp(), "is_on": True, **asdict(Figures())},
            }
            try:
                async with self._written() as tx:
                    made = await queries.add_link(tx, row)
            except IntegrityError as error:
                raise LinkKnown(name=wanted.name) from error
            return self.get(made.id), secret

    async def switch(self, who: Principal, id: int, is_on: bool) -> KnownLink:
        """Off, nothing new is written out for it and nothing sent. Raises UnknownLink, AuditUnavailable, StorageFault."""
        async with self._changing:
            link = self.get(id).link
            await self._audit.record(
                who, Act.DISPATCH_LINK_SWITCH, link.name, detail=f"{link.area} {link.title}: {'on' if is_on else 'off'}"
            )
            async with self._written() as tx:
                await queries.switch_link(tx, id, is_on)
            return self.get(id)

    async def note_aside(self) -> None:
        """Something more is set aside. Raises StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.set_aside(tx)
        for id, known in self._known.items():
            known.aside = found.get(id, Aside())

    async def settle(self, who: Principal, id: int, is_sent: bool) -> KnownLink:
        """What is set aside is sent again, in its old place, or left out. Raises UnknownLink, AuditUnavailable, StorageFault."""
        async with self._changing:
            known = self.get(id)
            what = f"{known.aside.count} {'sent again' if is_sent else 'left out'}"
            said = f"{known.link.area} {known.link.title}: {what}"
            await self._audit.record(who, Act.DISPATCH_LINK_SETTLE, known.link.name, detail=said)
            async with self._written() as tx:
                await queries.settle(tx, id, is_sent)
            known = self.get(id)
            if is_sent:
                known.due_s = 0.0
            return known

    async def remove(self, who: Principal, id: int) -> None:
        """With what waits for it. Raises UnknownLink, AuditUnavailable, StorageFault."""
        async with self._changing:
            link = self.get(id).link
            await self._audit.record(who, Act.DISPATCH_LINK_REMOVE, link.name, detail=f"{link.area} {link.title}; {link.url}")
            async with self._written() as tx:
                await queries.remove_link(tx, id)

    def _written(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return written(self._store, self._changing, self._read_anew)

    async def _read_anew(self) -> None:
        await self._read()
        self.news.set()

    async def write_out(self, tx: AsyncConnection, one: Incident, line: Written) -> None:
        """What a line of an incident's time line means to links, in its transaction: it is on disk with the act or not at all."""
        news = news_of(one, line)
        fitting = [] if news is None else [known.link for known in self.all() if news in known.link.news and known.link.is_on]
        if news is None or not fitting:
            return
        numbers = await queries.numbers_of(tx, one.id)
        at = self._clock.now().timestamp()
        for link in fitting:
            if link.carries(news, one.area, one.priority, told=link.name in numbers):
                key, body = f"{self.own}-{one.number}.{one.version}", job_body(one, numbers.get(link.name, ""))
                await queries.put(tx, [{"link_id": link.id, "key": key, "incident_id": one.id, "body": body, "at": at}])
                if link.name not in numbers:
                    await queries.told(tx, link.name, one.id, one.number, at)
