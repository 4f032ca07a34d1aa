"""What upper platforms ask of the catalogue and of its cameras: decided at the door, on record before it is answered."""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from collections.abc import Callable
from typing import Final, TypeGuard

import structlog

from fengsui import __version__
from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.access import Platform, PlatformFunction, Platforms
from fengsui.features.audit import NO_GROUND, Act, Audit, AuditUnavailable
from fengsui.features.devices import NoAnswer, Peer
from fengsui.features.upper_platforms.actions import KnownUpper
from fengsui.features.upper_platforms.ports import Upward
from fengsui.features.upper_platforms.sharing import Sharing
from fengsui.loops import surprises
from fengsui.wire.gb28181.catalog import CatalogueAnswer, CatalogueItem, CatalogueQuery
from fengsui.wire.gb28181.device_facts import DeviceInfo, DeviceStatus, SimpleQuery
from fengsui.wire.gb28181.manscdp import Manscdp
from fengsui.wire.sip.headers import BEIJING

log = structlog.get_logger(__name__)
NAME: Final = "upper-platform-answers"
MOST_ASKED: Final = 32
"""Questions of one platform that are not answered yet; one more is told that we are busy."""
ACCEPTED: Final = 200
UNKNOWN: Final = 404
BUSY: Final = 503
Question = CatalogueQuery | SimpleQuery
Reply = Callable[[int], None]
"""Gives the SIP answer with that status."""


def is_answered(body: Manscdp) -> TypeGuard[Question]:
    """Whether an upper platform may ask that at all; all else is refused as not agreed."""
    return isinstance(body, CatalogueQuery) or (isinstance(body, SimpleQuery) and body.command in ("DeviceInfo", "DeviceStatus"))


class Answering:
    """A platform's questions have their turns one after the other, in the order in which they came."""

    def __init__(self, platforms: Platforms, audit: Audit, clock: Clock, sharing: Sharing, upward: Upward) -> None:
        self._platforms = platforms
        self._audit = audit
        self._clock = clock
        self._sharing = sharing
        self._upward = upward
        self._open: Tally[str] = Tally()
        self._turns: dict[str, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        """What is not answered yet is not."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def ask(self, known: KnownUpper, body: Question, peer: Peer, reply: Reply) -> None:
        """A question of a platform that is linked; `reply` is called once."""
        code = known.upper.code
        if self._open[code] >= MOST_ASKED:
            reply(BUSY)
            return
        self._open[code] += 1
        task = asyncio.create_task(self._hear(known, body, peer, reply))
        self._tasks.add(task)

        def over(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            self._open[code] -= 1

        task.add_done_callback(over)

    async def _hear(self, known: KnownUpper, body: Question, peer: Peer, reply: Reply) -> None:
        with surprises(NAME):
            try:
                what = "Catalog" if isinstance(body, CatalogueQuery) else body.command
                is_given = await self.on_record(known, body.device_id[:32], what, peer)
            except (AuditUnavailable, StorageFault) as fault:
                log.warning("an upper platform is not answered, for nothing can be written or read", why=str(fault))
                reply(BUSY)
                return
            reply(ACCEPTED if is_given else UNKNOWN)
            if not is_given:
                return
            async with self._turns.setdefault(known.upper.code, asyncio.Lock()):
                try:
                    await self._answer(known, body)
                except (NoAnswer, StorageFault) as fault:
                    log.warning("an upper platform did not get its answer", platform=known.upper.code, why=str(fault))

    async def on_record(self, known: KnownUpper, wanted: str, what: str, peer: Peer) -> bool:
        """Whether it is given that, about the code `wanted`. Raises AuditUnavailable, StorageFault, Refusal."""
        code = known.upper.code
        platform = Platform(code, address=peer.host)
        self._platforms.check(platform, PlatformFunction.READ_CATALOGUE, code)
        is_list = what.startswith("Catalog")
        if not await self._sharing.has(known.upper, wanted) or (not is_list and len(wanted) < len(code)):
            await self._audit.record_refused(
                platform, Act.UPPER_PLATFORM_ASK, wanted, operation=what, detail=f"{what}: not shared", under=NO_GROUND
            )
            return False
        async with self._audit.looking(platform, Act.UPPER_PLATFORM_ASK, wanted, range=what):
            return True

    async def _answer(self, known: KnownUpper, body: Question) -> None:
        """Raises NoAnswer, StorageFault."""
        if isinstance(body, CatalogueQuery):
            await self._list(known, body)
            return
        found = await self._facts(known, body)
        if found is not None:
            await self._tell(known, found)

    async def _tell(self, known: KnownUpper, body: Manscdp) -> None:
        """Raises NoAnswer, also where it does not have us any longer."""
        if known.peer is None:
            raise NoAnswer(code=known.upper.code, peer=known.upper.code)
        status = await self._upward.tell(known.upper, known.peer, body, known.edition)
        if status >= 300:
            log.info("an upper platform refused an answer", platform=known.upper.code, status=status)

    async def _facts(self, known: KnownUpper, body: SimpleQuery) -> Manscdp | None:
        """None: it is not shared any longer. Raises StorageFault."""
        sn, code, sharing = body.sn, body.device_id, self._sharing
        local_time = self._clock.now().astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M:%S")
        if code == sharing.own:
            if body.command == "DeviceStatus":
                return DeviceStatus(sn, code, online=True, device_time=local_time)
            about = sharing.title, "Fengsui", "Fengsui", __version__
            return DeviceInfo(sn, code, "OK", *about, channels=await sharing.count(known.upper))
        seen = await sharing.find(known.upper, code)
        if seen is None:
            return None
        camera = seen.camera
        if body.command == "DeviceStatus":
            return DeviceStatus(sn, code, online=sharing.is_online(camera), device_time=local_time)
        name = seen.as_shared.as_name or camera.name
        return DeviceInfo(sn, code, "OK", name, camera.maker or "-", camera.model or "-", channels=1)

    async def _list(self, known: KnownUpper, body: CatalogueQuery) -> None:
        """In messages of so many items as the platform takes, each after the answer to the one before (annex M).

        Raises NoAnswer, StorageFault.
        """
        catalogue = await self._sharing.catalogue(known.upper, body.device_id)
        page: list[CatalogueItem] = []

        def message() -> CatalogueAnswer:
            return CatalogueAnswer(body.sn, body.device_id, catalogue.count, tuple(page))

        async for item in self._sharing.items(catalogue):
            page.append(item)
            if len(page) >= known.upper.items_a_message:
                await self._tell(known, message())
                page.clear()
        if page or not catalogue.count:
            await self._tell(known, message())
