"""Counts and records what was refused by rule. What comes in floods is one record a minute with its number."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

import structlog
from prometheus_client import Counter

from fengsui.clock import Clock
from fengsui.features.access import Refusal as RefusalAtDoor
from fengsui.features.audit import Act, Actor, Audit, AuditUnavailable, Result, Stranger
from fengsui.features.refusals.model import Refusal
from fengsui.loops import keep

log = structlog.get_logger(__name__)
FOLD_S, TICK_S, MAX_SENDERS = 60.0, 1.0, 5_000
MAX_PLATFORMS = 100
"""Addresses told of one by one: whoever asks as a platform has proved nothing, and forges addresses, too."""
REFUSED = Counter("fengsui_refused_total", "Requests and contents refused by rule", ["rule", "source"])


@dataclass(slots=True)
class _Told:
    """What one sender had refused since its last record."""

    act: Act
    what: str
    """Code and protocol."""
    who: Stranger
    since_s: float
    waiting: int = 0
    claimed: str = ""
    """The last code that it called itself by."""

    @property
    def detail(self) -> str:
        if not self.claimed:
            return f"{self.what}; {self.waiting} dropped"
        return f"{self.what}; {self.waiting} refused; claimed {self.claimed}"


class Refusals:
    """`person` for whoever asks the API, `dropped` for what devices and platforms send, `turned_away` for what the latter ask."""

    def __init__(self, audit: Audit, clock: Clock) -> None:
        self._audit = audit
        self._clock = clock
        self._senders: dict[tuple[str, str, str], _Told] = {}
        self._platforms: dict[tuple[str, str, str], _Told] = {}
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Records are written from now on."""
        self._task = keep("refusals", self._follow)

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
        key = (source, sender, refusal.code)
        if key not in self._senders and len(self._senders) >= MAX_SENDERS:
            key, sender, address = (source, "", refusal.code), "", ""
        if key not in self._senders:
            who = Stranger(sender, address, role="device")
            self._senders[key] = _Told(refusal.act, f"{refusal.code} {source}", who, self._long_ago())
        self._senders[key].waiting += 1
        self._wanted.set()

    def turned_away(self, refusal: RefusalAtDoor, source: str, address: str, claimed: str) -> None:
        """The door refused another platform, or who names one; `claimed`: the code it names, which nobody has to believe."""
        REFUSED.labels(refusal.rule, source).inc()
        key = (source, address, refusal.code)
        if key not in self._platforms and len(self._platforms) >= MAX_PLATFORMS:
            key, address = (source, "", refusal.code), ""
        if key not in self._platforms:
            who = Stranger("", address, role="platform")
            self._platforms[key] = _Told(Act.PLATFORM_REFUSED, f"{refusal.code} {source}", who, self._long_ago())
        self._platforms[key].waiting += 1
        self._platforms[key].claimed = claimed or "nobody"
        self._wanted.set()

    def _long_ago(self) -> float:
        """The first of its kind is told at once."""
        return self._clock.monotonic_s() - FOLD_S

    async def _follow(self) -> None:
        self._wanted.set()
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            while self._senders or self._platforms:
                try:
                    await self._tell(now_s=self._clock.monotonic_s())
                except AuditUnavailable as error:
                    log.warning("refused contents are not recorded yet", what=error.facts["what"])
                await asyncio.sleep(TICK_S)

    async def _tell(self, *, now_s: float) -> None:
        for folded in (self._senders, self._platforms):
            for key, told in list(folded.items()):
                if now_s < told.since_s + FOLD_S:
                    continue
                if not told.waiting:
                    del folded[key]
                    continue
                count = told.waiting
                await self._audit.record(told.who, told.act, told.who.name, detail=told.detail, result=Result.REFUSED)
                told.waiting -= count
                told.since_s = self._clock.monotonic_s()
