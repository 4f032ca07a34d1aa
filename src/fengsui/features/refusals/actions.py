"""Counts and records what was refused by rule. What comes in floods is one record a minute with its number."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

import structlog
from prometheus_client import Counter

from fengsui.clock import Clock
from fengsui.features.audit import Actor, Audit, AuditUnavailable, Result, Stranger
from fengsui.features.refusals.model import Refusal

log = structlog.get_logger(__name__)
FOLD_S, TICK_S, MAX_SENDERS = 60.0, 1.0, 5_000
REFUSED = Counter("fengsui_refused_total", "Requests and contents refused by rule", ["rule", "source"])


@dataclass(slots=True)
class _Told:
    """What one sender had refused since its last record."""

    waiting: int
    address: str
    since_s: float


class Refusals:
    """`person` for whoever asks the API, `dropped` for what devices and other platforms send."""

    def __init__(self, audit: Audit, clock: Clock) -> None:
        self._audit = audit
        self._clock = clock
        self._senders: dict[tuple[str, str, type[Refusal]], _Told] = {}
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Records are written from now on."""
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """What waits is written."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        with suppress(AuditUnavailable):
            await self._tell(now_s=float("inf"))

    async def person(self, who: Actor, refusal: Refusal, target: str = "") -> NoReturn:
        """Records the request, then raises `refusal`. Raises AuditUnavailable."""
        REFUSED.labels(refusal.rule, "api").inc()
        await self._audit.record(who, refusal.act, target, detail=refusal.code, result=Result.REFUSED)
        raise refusal

    def dropped(self, refusal: type[Refusal], source: str, sender: str, address: str) -> None:
        """Something of `sender` was dropped at the edge. `source`: the protocol."""
        REFUSED.labels(refusal.rule, source).inc()
        key = (source, sender, refusal)
        if key not in self._senders and len(self._senders) >= MAX_SENDERS:
            key, address = (source, "", refusal), ""
        told = self._senders.setdefault(key, _Told(0, address, self._clock.monotonic_s() - FOLD_S))
        told.waiting += 1
        self._wanted.set()

    async def _follow(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            while self._senders:
                try:
                    await self._tell(now_s=self._clock.monotonic_s())
                except AuditUnavailable as error:
                    log.warning("refused contents are not recorded yet", what=error.facts["what"])
                await asyncio.sleep(TICK_S)

    async def _tell(self, *, now_s: float) -> None:
        for key, told in list(self._senders.items()):
            if now_s < told.since_s + FOLD_S:
                continue
            if not told.waiting:
                del self._senders[key]
                continue
            (source, sender, refusal), count = key, told.waiting
            who = Stranger(sender, told.address, role="device")
            detail = f"{refusal.code} {source}; {count} dropped"
            await self._audit.record(who, refusal.act, sender, detail=detail, result=Result.REFUSED)
            told.waiting -= count
            told.since_s = self._clock.monotonic_s()
