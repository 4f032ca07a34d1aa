"""Alarm sources as they are entered: all in memory by name, with their secrets at work and what came of them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Final

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.errors import FengsuiError, StorageFault
from fengsui.features.access import Principal
from fengsui.features.alarm_intake import queries
from fengsui.features.alarm_intake.model import (
    JOBS,
    MOST_SOURCES,
    AlarmSource,
    Figures,
    Pace,
    SourceKnown,
    TooManySources,
    UnknownSource,
)
from fengsui.features.alarms import HostKeys, KeyUnreadable, SilentSource, Supervised
from fengsui.features.audit import Act, Audit
from fengsui.loops import keep
from fengsui.store import SealedRow, Store, written
from fengsui.wire.dc09.codes import Category

log = structlog.get_logger(__name__)
NAME: Final = "alarm-sources"
WRITE_EVERY_S: Final = 2.0
SECRET_BYTES: Final = 32


@dataclass(slots=True)
class Known:
    """A source. `secret` None: its row was changed past the node, and nothing that it says is believed."""

    source: AlarmSource
    secret: bytes | None
    figures: Figures
    pace: Pace
    heard_s: float = 0.0
    was_heard: bool = False
    """Since the node started."""
    """When it was last heard, by the monotonic clock; from the start on, as if it was heard then."""


class AlarmSources:
    """`per_s`: so many alarms a second one may report."""

    def __init__(self, store: Store, clock: Clock, audit: Audit, keys: HostKeys, per_s: float) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit
        self._keys = keys
        self._per_s = per_s
        self._known: dict[str, Known] = {}
        self._changed: set[str] = set()
        self._changing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Reads them all. Raises StorageFault."""
        async with self._store.reading() as tx:
            rows = await queries.sources(tx)
        for row, whole in rows:
            self._enter(row, self._opened(row, whole))
        self._task = keep(NAME, self._write_behind)

    async def stop(self) -> None:
        """Writes what came of them."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await self._write()

    def _opened(self, row: SealedRow, whole: bool) -> bytes | None:
        """Its secret; None: its row is not as the node wrote it."""
        try:
            if not whole:
                raise KeyUnreadable()
            return self._keys.opened(row.name, row.sealed_secret)
        except KeyUnreadable:
            log.error("an alarm source's row is not as the node wrote it; what it reports is refused", source=row.name)
            return None

    def _written(self, name: str) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction about one; what is known of it then is what is on disk."""
        return written(self._store, self._changing, partial(self._read_one, name))

    async def _read_one(self, name: str) -> None:
        async with self._store.reading() as tx:
            found = next(((row, whole) for row, whole in await queries.sources(tx) if row.name == name), None)
        before = self._known.pop(name, None)
        if found is not None:
            now = self._enter(found[0], self._opened(*found))
            if before is not None:
                self._known[name] = replace(
                    now, figures=before.figures, pace=before.pace, heard_s=before.heard_s, was_heard=before.was_heard
                )

    def _enter(self, row: SealedRow, secret: bytes | None) -> Known:
        allowed = str(row.kinds).split()
        kinds = tuple(one for one in Category if one.value in allowed)
        source = AlarmSource(
            row.id, row.name, row.title, row.area, kinds, row.most_urgent, row.made_at, JOBS in allowed, row.supervision_s
        )
        figures = Figures(**{name: getattr(row, name) for name in queries.FIGURES})
        now_s = self._clock.monotonic_s()
        known = Known(source, secret, figures, Pace(self._per_s, now_s), now_s)
        self._known[source.name] = known
        return known

    def known(self, name: str) -> Known | None:
        """By its name."""
        return self._known.get(name)

    def all(self) -> list[Known]:
        """By name."""
        return [self._known[name] for name in sorted(self._known)]

    def get(self, id: int) -> Known:
        """Raises UnknownSource."""
        found = next((one for one in self._known.values() if one.source.id == id), None)
        if found is None:
            raise UnknownSource()
        return found

    def heard(self, known: Known, outcome: str, fault: FengsuiError | None = None) -> None:
        """What came of it: `taken`, `repeated`, `refused` or `unproven`; written with others."""
        now = self._clock.now().timestamp()
        figures = known.figures
        setattr(figures, outcome, getattr(figures, outcome) + 1)
        if outcome != "unproven":
            figures.heard_at, known.heard_s, known.was_heard = now, self._clock.monotonic_s(), True
        if fault is not None:
            figures.fault_at, figures.fault = now, fault.code
        self._changed.add(known.source.name)

    def tried(self, known: Known) -> None:
        """It said that it is there, and nothing else."""
        known.figures.heard_at, known.heard_s = self._clock.now().timestamp(), self._clock.monotonic_s()
        known.was_heard = True
        self._changed.add(known.source.name)

    def supervised(self) -> Iterator[Supervised]:
        """Those that are to be heard, as often as was said."""
        for one in self._known.values():
            source = SilentSource("https", one.source.name, one.source.title, one.source.area)
            yield Supervised(source, one.heard_s, one.source.supervision_s, one.was_heard)

    async def add(
        self,
        who: Principal,
        name: str,
        title: str,
        area: str,
        kinds: Sequence[Category],
        most_urgent: int,
        *,
        jobs: bool = False,
        supervision_s: int = 0,
    ) -> tuple[Known, str]:
        """With its secret, told now and never again. Raises SourceKnown, TooManySources, AuditUnavailable, StorageFault."""
        async with self._changing:
            if name in self._known:
                raise SourceKnown(name=name)
            if len(self._known) >= MOST_SOURCES:
                raise TooManySources(limit=MOST_SOURCES)
            allowed = JOBS if jobs else " ".join(one.value for one in kinds)
            said = f"{area} {title}; kinds: {allowed or 'all'}; no more urgent than {most_urgent}; heard each {supervision_s} s"
            await self._audit.record(who, Act.ALARM_SOURCE_ADD, name, detail=said)
            secret = secrets.token_urlsafe(SECRET_BYTES)
            row: dict[str, Any] = {
                **{"name": name, "title": title, "area": area, "kinds": allowed, "most_urgent": most_urgent},
                **{"sealed_secret": self._keys.sealed(name, secret.encode()), "made_at": self._clock.now().timestamp()},
                **asdict(Figures()),
                "supervision_s": supervision_s,
            }
            try:
                async with self._written(name) as tx:
                    await queries.add_source(tx, row)
            except IntegrityError as error:
                raise SourceKnown(name=name) from error
            return self._known[name], secret

    async def renew_secret(self, who: Principal, known: Known) -> str:
        """The one of before opens nothing from now on. Raises UnknownSource, AuditUnavailable, StorageFault."""
        async with self._changing:
            known = self.get(known.source.id)
            name = known.source.name
            if known.secret is None:  # what else was changed of its row would be believed again
                raise UnknownSource()
            await self._audit.record(who, Act.ALARM_SOURCE_SECRET, name, detail=f"{known.source.area} {known.source.title}")
            secret = secrets.token_urlsafe(SECRET_BYTES)
            async with self._written(name) as tx:
                await queries.renew_secret(tx, known.source.id, self._keys.sealed(name, secret.encode()))
            return secret

    async def remove(self, who: Principal, known: Known) -> None:
        """What it signs is refused from now on; its alarms stay. Raises UnknownSource, AuditUnavailable, StorageFault."""
        async with self._changing:
            source = self.get(known.source.id).source
            await self._audit.record(who, Act.ALARM_SOURCE_REMOVE, source.name, detail=f"{source.area} {source.title}")
            async with self._written(source.name) as tx:
                await queries.remove_source(tx, source.id)

    async def _write_behind(self) -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            await self._write()

    async def _write(self) -> None:
        changed, self._changed = self._changed, set()
        known = [one for name in changed if (one := self._known.get(name))]
        if not known:
            return
        rows = [{"b_id": one.source.id, **{f"f_{name}": value for name, value in asdict(one.figures).items()}} for one in known]
        try:
            async with self._store.transaction(act=False) as tx:
                await queries.write_figures(tx, rows)
        except StorageFault as fault:
            self._changed |= changed
            log.error("what came of alarm sources could not be stored", why=str(fault))
        except BaseException:  # the node stops while this is written: it is written at the end
            self._changed |= changed
            raise
