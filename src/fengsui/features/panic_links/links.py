"""Panic links as they are entered: all in memory, by the hashes of their tokens."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, fields
from typing import Any, Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.features.access import Principal
from fengsui.features.alarm_intake import Pace
from fengsui.features.alarms import Receipt
from fengsui.features.audit import Act, Audit
from fengsui.features.panic_links import queries
from fengsui.features.panic_links.model import (
    LOOKS_PER_S,
    MOST_LINKS,
    PER_S,
    NoSuchPanicLink,
    PanicLink,
    TooManyPanicLinks,
    Wanted,
    hash_of,
)
from fengsui.store import Store, written

log = structlog.get_logger(__name__)
TOKEN_BYTES: Final = 24
_LINK: Final = [one.name for one in fields(PanicLink)]


@dataclass(slots=True)
class Known:
    """A link. `is_whole`: its row is as the node wrote it; else nobody is believed who holds it. `alarm`: its newest, 0: none."""

    link: PanicLink
    is_whole: bool
    pace: Pace
    looks: Pace
    alarm: int
    presses: int
    pressed_at: float
    tried_at: float


class PanicLinks:
    """Of one node."""

    def __init__(self, store: Store, clock: Clock, audit: Audit) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit
        self._known: dict[int, Known] = {}
        self._by_hash: dict[str, Known] = {}
        self._changing = asyncio.Lock()

    async def start(self) -> None:
        """Raises StorageFault."""
        await self._read()

    async def _read(self) -> None:
        async with self._store.reading() as tx:
            rows = await queries.links(tx)
        before, self._known = self._known, {}
        for row, is_whole in rows:
            link = PanicLink(**{name: getattr(row, name) for name in _LINK})
            figures = row.alarm_id, row.presses, row.pressed_at, row.tried_at
            now_s = self._clock.monotonic_s()
            paces = Pace(PER_S, now_s), Pace(LOOKS_PER_S, now_s)
            known = self._known[row.id] = Known(link, is_whole, *paces, *figures)
            was = before.get(row.id)
            if was is not None and was.link.number == link.number:
                known.pace, known.looks = was.pace, was.looks
                if was.alarm > known.alarm:  # it came while this was read
                    known.alarm, known.presses, known.pressed_at = was.alarm, was.presses, was.pressed_at
            if not is_whole:
                log.error("a panic link's row is not as the node wrote it; its presses are refused", place=link.place)
        self._by_hash = {one.link.token_hash: one for one in self._known.values() if one.is_whole and one.link.is_on}

    def opened(self, token: str) -> Known | None:
        """The link that has this token and is on."""
        return self._by_hash.get(hash_of(token))

    def all(self) -> list[Known]:
        """By place."""
        return sorted(self._known.values(), key=lambda one: (one.link.place, one.link.id))

    def get(self, id: int) -> Known:
        """Raises NoSuchPanicLink."""
        found = self._known.get(id)
        if found is None:
            raise NoSuchPanicLink()
        return found

    def noted(self, id: int, receipt: Receipt, *, trial: bool) -> None:
        """A press of it is on disk."""
        known = self._known.get(id)
        if known is None:
            return
        if trial:
            known.tried_at = max(known.tried_at, receipt.received_at)
        elif receipt.alarm > known.alarm:
            known.alarm, known.pressed_at, known.presses = receipt.alarm, receipt.received_at, known.presses + 1

    async def add(self, who: Principal, wanted: Wanted) -> tuple[Known, str]:
        """With its token, told now and never again. Raises TooManyPanicLinks, AuditUnavailable, StorageFault."""
        async with self._changing:
            if len(self._known) >= MOST_LINKS:
                raise TooManyPanicLinks(limit=MOST_LINKS)
            await self._audit.record(who, Act.PANIC_LINK_ADD, wanted.place, detail=f"{wanted.area} held by {wanted.holder}")
            number, token = secrets.token_hex(6), secrets.token_urlsafe(TOKEN_BYTES)
            row: dict[str, Any] = {
                **wanted._asdict(),
                **{"number": number, "token_hash": hash_of(token), "is_on": True, "made_at": self._clock.now().timestamp()},
                **{"alarm_id": 0, "presses": 0, "pressed_at": 0.0, "tried_at": 0.0},
            }
            async with self._written() as tx:
                await queries.add_link(tx, row)
            return next(one for one in self._known.values() if one.link.number == number), token

    async def switch(self, who: Principal, id: int, *, on: bool) -> Known:
        """Off, its holder is told that it is not valid. Raises NoSuchPanicLink, AuditUnavailable, StorageFault."""
        async with self._changing:
            link = self.get(id).link
            await self._audit.record(who, Act.PANIC_LINK_SWITCH, link.place, detail=f"{link.area} {'on' if on else 'off'}")
            async with self._written() as tx:
                await queries.change_link(tx, id, {"is_on": on})
            return self.get(id)

    async def renew(self, who: Principal, id: int) -> tuple[Known, str]:
        """Another token: the one of before opens nothing from now on. Raises NoSuchPanicLink, AuditUnavailable, StorageFault."""
        async with self._changing:
            known = self.get(id)
            if not known.is_whole:  # what else was changed of its row would be believed again
                raise NoSuchPanicLink()
            await self._audit.record(who, Act.PANIC_LINK_RENEW, known.link.place, detail=known.link.area)
            token = secrets.token_urlsafe(TOKEN_BYTES)
            async with self._written() as tx:
                await queries.change_link(tx, id, {"token_hash": hash_of(token)})
            return self.get(id), token

    async def remove(self, who: Principal, id: int) -> None:
        """Its alarms stay. Raises NoSuchPanicLink, AuditUnavailable, StorageFault."""
        async with self._changing:
            link = self.get(id).link
            await self._audit.record(who, Act.PANIC_LINK_REMOVE, link.place, detail=link.area)
            async with self._written() as tx:
                await queries.remove_link(tx, id)

    def _written(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return written(self._store, self._changing, self._read)
