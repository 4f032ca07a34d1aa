"""What changes in a platform's part of the catalogue is told to it, as long as it subscribes. GB/T 28181-2022 §9.11, annex N."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import structlog

from fengsui.errors import StorageFault
from fengsui.features.audit import AuditUnavailable
from fengsui.features.cameras import Cameras
from fengsui.features.devices import NoAnswer, Peer
from fengsui.features.upper_platforms.actions import KnownUpper
from fengsui.features.upper_platforms.answering import ACCEPTED, BUSY, UNKNOWN, Answering
from fengsui.features.upper_platforms.ports import Notifier, Upward
from fengsui.features.upper_platforms.sharing import Sharing
from fengsui.loops import surprises
from fengsui.wire.gb28181.catalog import CatalogueItem, CatalogueNotification, CatalogueQuery

log = structlog.get_logger(__name__)
NAME: Final = "upper-platform-subscriptions"
LOOK_EVERY_S: Final = 1.0
"""What changes within it is told together; what is as it was again by then is not told."""
LONGEST_S: Final = 86_400
Accept = Callable[[int, int], Notifier | None]
"""Gives the SIP answer with that status and the seconds granted; the way to notify, where it was accepted and goes on."""


def changes(before: dict[str, CatalogueItem], now: dict[str, CatalogueItem]) -> Iterator[CatalogueItem]:
    """What became of a list of items, each with its event."""
    for code, item in now.items():
        known = before.get(code)
        if known is None:
            yield item._replace(event="ADD")
        elif known != item:
            alike = known._replace(status=item.status) == item
            yield CatalogueItem(code, event="OFF" if item.status == "OFF" else "ON") if alike else item._replace(event="UPDATE")
    for code in before:
        if code not in now:
            yield CatalogueItem(code, event="DEL")


@dataclass(slots=True)
class Running:
    """A subscription that runs. `until_s`: by the event loop's time."""

    known: KnownUpper
    query: CatalogueQuery
    notifier: Notifier
    until_s: float
    peer: Peer
    task: asyncio.Task[None] | None = None
    told: dict[str, CatalogueItem] = field(default_factory=dict)


class Subscribing:
    """One subscription a platform: a new one takes the place of the one before."""

    def __init__(self, cameras: Cameras, sharing: Sharing, answering: Answering, upward: Upward) -> None:
        self._cameras = cameras
        self._sharing = sharing
        self._answering = answering
        self._upward = upward
        self._running: dict[str, Running] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        """Nobody is told any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def ask(self, known: KnownUpper, query: CatalogueQuery, peer: Peer, expires_s: int, accept: Accept) -> None:
        """A SUBSCRIBE of a platform that is linked, `expires_s` 0: no longer; `accept` is called once."""
        task = asyncio.create_task(self._hear(known, query, peer, min(expires_s, LONGEST_S), accept))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hear(self, known: KnownUpper, query: CatalogueQuery, peer: Peer, expires_s: int, accept: Accept) -> None:
        with surprises(NAME):
            try:
                is_given = await self._answering.on_record(known, query.device_id[:32], "Catalog subscription", peer)
            except (AuditUnavailable, StorageFault) as fault:
                log.warning("an upper platform cannot subscribe, for nothing can be written or read", why=str(fault))
                accept(BUSY, 0)
                return
            if not is_given or known.peer is None:
                accept(UNKNOWN, 0)
                return
            notifier, code = accept(ACCEPTED, expires_s), known.upper.code
            running = self._running.get(code)
            until_s = asyncio.get_running_loop().time() + expires_s
            if notifier is not None and running is not None and running.notifier is notifier and running.known is known:
                running.until_s = until_s
                return
            self._end(code)
            if notifier is None:
                return
            begun = self._running[code] = Running(known, query, notifier, until_s, known.peer)
            begun.task = asyncio.current_task()
            await self._follow(begun)

    def _end(self, code: str) -> None:
        running = self._running.pop(code, None)
        if running is not None and running.task is not None:
            running.task.cancel()

    async def _follow(self, running: Running) -> None:
        """Until it is over, the platform has us no longer or anew, or does not take what it is told."""
        code, loop = running.known.upper.code, asyncio.get_running_loop()
        try:
            stands: object = None
            is_first = True
            while loop.time() < running.until_s and running.known.peer == running.peer:
                now: object = (self._cameras.online(), self._cameras.search.changes)
                if now != stands:
                    count = await self._told(running, is_first=is_first)
                    if count is None:
                        return
                    # What changed may have changed back while it was read: it is looked at once more.
                    stands, is_first = None if count or is_first else now, False
                await asyncio.sleep(LOOK_EVERY_S)
        except (NoAnswer, StorageFault) as fault:
            log.info("a subscription of an upper platform ended", platform=code, why=str(fault))
        finally:
            if self._running.get(code) is running:
                del self._running[code]

    async def _told(self, running: Running, *, is_first: bool) -> int | None:
        """How much; None: it takes no more. At first what is off, for it takes all else for there (annex N).

        Raises NoAnswer, StorageFault.
        """
        catalogue = await self._sharing.catalogue(running.known.upper, running.query.device_id)
        found = {item.device_id: item async for item in self._sharing.items(catalogue)}
        if is_first:
            news = [CatalogueItem(code, event="OFF") for code, item in found.items() if item.status == "OFF"]
        else:
            news = list(changes(running.told, found))
        running.told = found
        size = running.known.upper.items_a_message
        for at in range(0, len(news), size):
            items = tuple(news[at : at + size])
            body = CatalogueNotification(self._upward.next_sn(), running.query.device_id, len(items), items)
            left_s = max(1, int(running.until_s - asyncio.get_running_loop().time()))
            status = await running.notifier.notify(body, running.known.edition, left_s)
            if status >= 300:
                log.info("an upper platform does not take what it subscribed to", platform=running.known.upper.code, status=status)
                return None
        return len(news)
