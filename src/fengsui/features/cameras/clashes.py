"""Channels of several devices with one code (factory codes of recorders): the first known has it, the others are refused."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import structlog
from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.cameras import clash_queries as queries
from fengsui.features.cameras.model import DUPLICATE
from fengsui.features.cameras.ports import CameraPassed
from fengsui.store import Store

log = structlog.get_logger(__name__)
REFUSED = Gauge("fengsui_refused_channels", "Channels that are refused because another device's camera has their code")


class Clashes:
    """Who has a code is on disk (the kind of each row), so that no order of registrations changes it."""

    def __init__(self, store: Store, bus: Bus, audit: Audit) -> None:
        self._store = store
        self._bus = bus
        self._audit = audit
        self.refused = 0
        """Channels that are refused now."""
        self._any = False
        """Whether there may be one: without any, nothing is asked when items go."""

    async def start(self) -> None:
        """Counts what is known."""
        await self._count()

    async def _count(self) -> None:
        async with self._store.reading() as tx:
            self.refused = await queries.count(tx)
        self._any = self._any or self.refused > 0
        REFUSED.set(self.refused)

    async def judge(self, tx: AsyncConnection, device: str, rows: list[dict[str, Any]]) -> None:
        """Sets the kind of those of a device's rows whose codes other devices' cameras have. After `hold`."""
        held = await queries.holders(tx, device, [row["code"] for row in rows if row["kind"] == "camera"])
        for row in rows:
            if row["code"] in held and row["kind"] == "camera":
                row["kind"] = DUPLICATE
        if held:
            self._any = True
            code, holder = next(iter(held.items()))
            said = "channels refused: other devices' cameras have their codes"
            log.warning(said, device=device, camera=code, holder=holder, channels=len(held))

    async def release(self, tx: AsyncConnection, codes: Collection[str]) -> list[CameraPassed]:
        """These codes may have lost their camera: another device's channel takes its place. After `hold`; `tell` when committed."""
        if not self._any or not codes:
            return []
        return [CameraPassed(code, device) for code, device in await queries.release(tx, list(codes))]

    async def hidden(self, tx: AsyncConnection, device: str, codes: Sequence[str]) -> set[str]:
        """Those of a device's codes that are refused."""
        return await queries.refused_of(tx, device, codes) if self._any else set()

    async def tell(self, passed: Sequence[CameraPassed]) -> None:
        """What was committed: log, figure, and whoever shows one of these cameras."""
        for one in passed:
            said = "a camera's code is another device's channel now; what was said of the former is void"
            log.warning(said, camera=one.code, device=one.device)
            self._audit.record_end(NODE, Act.CAMERA_CHANGE, one.code, detail=f"the code is a channel's of {one.device} now")
            self._bus.publish(one)
        if self._any:
            await self._count()

    async def devices(self) -> Collection[str]:
        """Devices with refused channels."""
        if not self.refused:
            return ()
        async with self._store.reading() as tx:
            return await queries.devices(tx)
