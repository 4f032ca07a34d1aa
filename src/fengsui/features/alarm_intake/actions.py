"""What becomes of a signed report: proven, within its bounds, on disk, and only then taken over.

It goes the way of every alarm (`AlarmBatches`): folded with its like, before the desks, through the rules. What was not told to be
on disk is sent again, and joins by its id, however late. Nothing of a report that is not proven is stored; it is counted.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import structlog
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.alarm_settings import AlarmIntakeSection
from fengsui.clock import Clock
from fengsui.errors import FengsuiError, StorageFault
from fengsui.features.access import CameraFacts
from fengsui.features.alarm_intake import queries
from fengsui.features.alarm_intake.model import (
    PING,
    AlarmSource,
    IntakeIdUsed,
    IntakeNotStored,
    IntakeTooLarge,
    IntakeTooOften,
    IntakeUnproven,
    IntakeUntimely,
    Protocol,
    Said,
    facts_of,
    fitting,
    key_of,
    refuse_unfit,
)
from fengsui.features.alarm_intake.queries import Taken
from fengsui.features.alarm_intake.sources import AlarmSources, Known
from fengsui.features.alarm_rules import link_told
from fengsui.features.alarms import AlarmBatches, Frame
from fengsui.features.cameras import Cameras
from fengsui.store import Store
from fengsui.wire.signed_body import is_signed, time_of

log = structlog.get_logger(__name__)
MOST_FOLLOWED: Final = 20
NOBODYS: Final = bytes(32)
"""Tried where there is no such source, so that the answer takes as long."""
REPORTS = Counter("fengsui_alarm_intake_total", "Reports of alarm sources by what became of them", ["outcome"])
TAKEN, REPEATED, REFUSED, UNPROVEN, NOT_STORED = (
    REPORTS.labels(one) for one in ("taken", "repeated", "refused", "unproven", "not stored")
)
Read = Callable[[bytes], Said]
"""Raises IntakeMalformed."""


class AlarmIntake:
    """One for the node."""

    def __init__(
        self,
        settings: AlarmIntakeSection,
        store: Store,
        clock: Clock,
        sources: AlarmSources,
        batches: AlarmBatches,
        cameras: Cameras,
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._sources = sources
        self._batches = batches
        self._cameras = cameras

    def bound(self, octets: int) -> None:
        """Before a body of so many is read, whoever sends it. Raises IntakeTooLarge."""
        if octets > self._settings.max_body_kb << 10:
            REFUSED.inc()
            raise IntakeTooLarge(limit=self._settings.max_body_kb)

    async def take(self, name: str, timestamp: str, signature: str, raw: bytes, read: Read, *, of: Protocol, tls: bool) -> Taken:
        """The alarm, on disk. `raw`: the body as it came, within `bound`; `tls`: nobody else could read it.

        Raises IntakeUnproven, IntakeUntimely, IntakeTooOften, IntakeMalformed, KindNotAllowed, IntakeElsewhere, IntakeIdUsed,
        IntakeNotStored.
        """
        known = self.proven(name, timestamp, signature, raw)
        try:
            self.admit(known, timestamp)
            said = read(raw)
            refuse_unfit(known.source, said)
            found, repeated = await self._stored(known.source, said, raw, of=of, tls=tls)
        except (IntakeNotStored, StorageFault) as fault:
            NOT_STORED.inc()
            log.error("an alarm of a source is not taken over, and is sent again", source=name, why=str(fault))
            raise IntakeNotStored() from fault
        except FengsuiError as error:
            REFUSED.inc()
            self._sources.heard(known, "refused", error)
            raise
        (REPEATED if repeated else TAKEN).inc()
        self._sources.heard(known, "repeated" if repeated else "taken")
        return found

    def ping(self, name: str, timestamp: str, signature: str) -> datetime:
        """A word about nothing; when it came. Raises IntakeUnproven, IntakeUntimely, IntakeTooOften."""
        known = self.proven(name, timestamp, signature, PING)
        self.admit(known, timestamp)
        self._sources.tried(known)
        return self._clock.now()

    def admit(self, known: Known, timestamp: str) -> None:
        """Raises IntakeUntimely, IntakeTooOften."""
        self._on_time(timestamp)
        if not known.pace.take(self._clock.monotonic_s()):
            raise IntakeTooOften()

    def proven(self, name: str, timestamp: str, signature: str, raw: bytes) -> Known:
        """Who signed it. Raises IntakeUnproven."""
        known = self._sources.known(name)
        secret = None if known is None else known.secret
        if is_signed(secret or NOBODYS, timestamp, raw, signature) and secret is not None and known is not None:
            return known
        UNPROVEN.inc()
        error = IntakeUnproven()
        if known is not None:
            self._sources.heard(known, "unproven", error)
        raise error

    def _on_time(self, timestamp: str) -> None:
        now, said = self._clock.now().timestamp(), time_of(timestamp)
        if said is None or abs(now - said) > self._settings.clock_s:
            raise IntakeUntimely(now=datetime.fromtimestamp(int(now), UTC).isoformat(), most=int(self._settings.clock_s))

    async def _stored(self, source: AlarmSource, said: Said, raw: bytes, *, of: Protocol, tls: bool) -> tuple[Taken, bool]:
        key, digest = key_of(source.name, said.id), hashlib.sha256(raw).hexdigest()
        found = await self._taken(key)
        repeated = found is not None
        if found is None or self._batches.in_doubt(key):
            facts = await self._cameras.facts(sorted(set(said.cameras))) if said.cameras else {}
            shown, left_out = fitting(source, said, facts)
            said = await self._continued(source, said)
            frame = self._frame(source, said, key, digest, shown, left_out, of=of, tls=tls)
            if not await self._on_disk(frame):
                raise IntakeNotStored()
            found = await self._taken(key)
            repeated = not frame.ids
        if found is None:
            raise IntakeNotStored()
        if found.said != digest:
            raise IntakeIdUsed(id=said.id)
        return found, repeated

    async def _taken(self, key: str) -> Taken | None:
        async with self._store.reading() as tx:
            return await queries.taken(tx, key)

    async def _continued(self, source: AlarmSource, said: Said) -> Said:
        """With the subject of what it follows, where that came."""
        for id in said.follows[:MOST_FOLLOWED]:
            if (before := await self._taken(key_of(source.name, id))) is not None:
                return replace(said, subject=before.subject)
        return said

    def _frame(
        self,
        source: AlarmSource,
        said: Said,
        key: str,
        digest: str,
        shown: Sequence[CameraFacts],
        left_out: Sequence[str],
        *,
        of: Protocol,
        tls: bool,
    ) -> Frame:
        at = self._clock.now().timestamp()

        async def beside(tx: AsyncConnection, ids: Sequence[int]) -> None:
            (alarm,) = ids
            await queries.add_taken(tx, key, source.name, Taken(digest, alarm, at, " ".join(left_out), said.subject))
            if said.subject and said.change == "restored":
                await queries.end_subject(tx, source.name, said.subject)
            if len(shown) > 1:
                await link_told(tx, alarm, source.title, [one.code for one in shown[1:]])

        return Frame(
            key=key,
            account=f"intake {source.name}",
            facts=(facts_of(source, said, shown[0] if shown else None, protocol=of, encrypted=tls),),
            first_at=at,
            began_s=self._clock.monotonic_s(),
            lasting=True,
            beside=beside,
        )

    async def _on_disk(self, frame: Frame) -> bool:
        """False: not within the time in which its sender waits, or too many wait."""
        told: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        frame.done.append(lambda stored: None if told.done() else told.set_result(stored))
        if not self._batches.add(frame):
            return False
        try:
            async with asyncio.timeout(self._settings.answer_s):
                return await told
        except TimeoutError:
            return False
