"""Incidents are opened, worked on by whichever desk is there, and closed with an outcome; each act is on record first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import tzinfo
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import FengsuiError
from fengsui.features.access import Access, Function, Place, Principal, Refusal
from fengsui.features.alarms import Alarms
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.duty import Matter
from fengsui.features.incidents import queries
from fengsui.features.incidents.errors import (
    AlarmElsewhere,
    AlarmNotHere,
    IncidentTaken,
    KeyReused,
    NoSuccessor,
    NothingChanged,
    OtherDeskFirst,
    UnusableIncident,
)
from fengsui.features.incidents.model import (
    Incident,
    Line,
    LineKind,
    Outcome,
    Wanted,
    check_version,
    closed,
    merged,
    noted,
    number_of,
    reopened,
    unmerged,
    worked_on,
)
from fengsui.features.incidents.ports import IncidentChanged
from fengsui.features.incidents.queries import Given
from fengsui.features.incidents.reading import IncidentReading, Where
from fengsui.features.incidents.words import KIND_TEXTS
from fengsui.store import Store

Change = Callable[[Incident, float], Incident]
"""The incident after an act, by what it was and the time. Raises what the model refuses."""
Beside = Callable[[AsyncConnection, Incident, float], Awaitable[None]]
"""What is written in the same transaction."""
BeforeClose = Callable[[Incident, str], Awaitable[None]]
"""By the incident and the main disposition that it is to have."""
Alongside = Callable[[AsyncConnection, Incident, Line], Awaitable[None]]
"""What another room writes of any line, in its transaction; it reads nothing of other incidents and waits for nobody."""
MOST_ALARMS = 1_000
"""Of one incident."""


class Incidents(IncidentReading):
    """One act at a time. Those that are open are kept in memory as well: the handover of a shift names them."""

    def __init__(self, store: Store, clock: Clock, bus: Bus, access: Access, audit: Audit, alarms: Alarms, zone: tzinfo) -> None:
        super().__init__(store)
        self._clock = clock
        self._bus = bus
        self._access = access
        self._audit = audit
        self._alarms = alarms
        self._zone = zone
        self._open: dict[int, Incident] = {}
        self._stale = False
        self.turn = asyncio.Lock()
        """Held by whoever changes an incident, or the units that work on one."""
        self.before_close: list[BeforeClose] = []
        """What else may speak against it; each raises."""
        self.alongside: list[Alongside] = []

    async def start(self) -> None:
        """What is open stays open over a restart."""
        await self._read_open()

    async def _read_open(self) -> None:
        async with self._store.reading() as tx:
            self._open = {one.id: one for one in await queries.open_ones(tx)}

    async def catch_up(self) -> None:
        """Reads again what is open where the end of a transaction was not learnt. Raises StorageFault."""
        if self._stale:
            async with self._turn_caught_up():
                pass

    @asynccontextmanager
    async def _turn_caught_up(self) -> AsyncIterator[None]:
        async with self.turn:
            if self._stale:
                await self._read_open()
                self._stale = False
            yield

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        """One that raises or is cancelled may be committed: what is open is read again, at once and by the next act."""
        try:
            async with self._store.transaction() as tx:
                yield tx
        except BaseException:
            self._stale = True
            with suppress(FengsuiError):
                await self._read_open()
            raise

    def now(self) -> float:
        """Seconds since 1970, to the millisecond, as the digests have it."""
        return round(self._clock.now().timestamp(), 3)

    def open_one(self, id: int) -> Incident | None:
        """From memory; None: it is over, or there is none."""
        return self._open.get(id)

    def all_open(self) -> list[Incident]:
        """Wherever they are, the oldest first."""
        return sorted(self._open.values(), key=lambda one: one.id)

    async def open_in(self, area: str, of: int | None = None, centre: int = 0) -> list[Matter]:
        """What one shift hands to the next."""
        return [
            Matter(
                f"incident:{one.id}",
                f"警情 {one.number}({KIND_TEXTS[one.kind][0]},{one.place})",
                f"incident {one.number} ({KIND_TEXTS[one.kind][1]}, {one.place})",
                one.area,
            )
            for one in self.all_open()
            if one.area.startswith(area)
        ]

    # Acts

    async def open(self, who: Principal, watched: Where, wanted: Wanted, key: str | None) -> Incident:
        """A new one; the same again for the same order under the same `key`.

        Raises KeyReused, UnknownAlarm, AlarmElsewhere, UnusableIncident, Refusal, AuditUnavailable, StorageFault.
        """
        self._access.check(who, Function.TAKE_DUTY, Place(wanted.area, wanted.area))
        async with self._turn_caught_up():
            if key is not None and (before := await self._given(who, key, wanted)) is not None:
                return before
            for alarm in wanted.alarms:
                await self._free(watched, alarm)
            return await self._open_now(
                who, wanted.incident(who.user_id, who.name, self.now(), is_program=who.is_program), wanted, key
            )

    async def open_by_node(self, by: str, wanted: Wanted, key: str, beside: Beside | None = None) -> Incident | None:
        """What the node opens by itself, and by whose word; it waits for a person. The same again for the same key; None: one of
        its alarms belongs to another one already. Raises AuditUnavailable, StorageFault."""
        async with self._turn_caught_up():
            async with self._store.reading() as tx:
                if (found := await queries.by_key(tx, 0, key)) is not None:
                    return found[0]
                if await queries.incidents_of(tx, list(wanted.alarms)):
                    return None
            return await self._open_now(None, wanted.incident(0, by, self.now(), is_program=True), wanted, key, beside)

    async def _open_now(
        self, who: Principal | None, made: Incident, wanted: Wanted, key: str | None, beside: Beside | None = None
    ) -> Incident:
        by = 0 if who is None else who.user_id
        day = self._clock.now().astimezone(self._zone).strftime("%Y%m%d")
        async with self._store.reading() as tx:
            ordinal = await queries.last_ordinal(tx, day) + 1
        made = replace(made, number=number_of(day, ordinal))
        facts: dict[str, object] = {"alarms": list(wanted.alarms)} if wanted.alarms else {}
        line = Line(LineKind.OPENED, made.last_at, by, made.opened_by, None, made.state, wanted.text, facts)
        await self._audit.record(who or NODE, Act.INCIDENT_OPEN, made.number, range=made.area, detail=line.said)
        async with self._transaction() as tx:
            id = await queries.add(tx, made, day, ordinal, Given(by, key, wanted.digest))
            await queries.add_line(tx, id, line)
            if wanted.alarms:
                await queries.link(tx, id, wanted.alarms)
            made = replace(made, id=id)
            if beside is not None:
                await beside(tx, made, made.last_at)
            for write in self.alongside:
                await write(tx, made, line)
        self._tell(made, line)
        return made

    async def _given(self, who: Principal, key: str, wanted: Wanted) -> Incident | None:
        async with self._store.reading() as tx:
            found = await queries.by_key(tx, who.user_id, key)
        if found is None:
            return None
        before, digest = found
        if digest != wanted.digest:
            raise KeyReused()
        return before

    async def _free(self, watched: Where, alarm: int) -> None:
        """One that the caller sees, and that belongs to no incident. Raises UnknownAlarm, AlarmElsewhere."""
        await self._alarms.get(watched, alarm)
        async with self._store.reading() as tx:
            if await queries.incidents_of(tx, [alarm]):
                raise AlarmElsewhere(alarm=alarm)

    async def act(
        self,
        who: Principal | None,
        where: Where,
        id: int,
        act: Act,
        kind: LineKind,
        change: Change,
        *,
        seen: int | None = None,
        text: str = "",
        facts: Mapping[str, object] | None = None,
        beside: Beside | None = None,
        check: Callable[[Incident], Awaitable[None]] | None = None,
    ) -> Incident:
        """Any act upon one: on record, then on disk with its line, then told. `who` None: the node itself; `seen`: the version on
        the caller's screen; `check`: what else may speak against it.

        Raises UnknownIncident, OtherDeskFirst, AuditUnavailable, StorageFault, and what `change` and `check` raise.
        """
        async with self._turn_caught_up():
            before = await self.get(where, id)
            check_version(before, seen)
            if check is not None:
                await check(before)
            at = self.now()
            after = change(before, at)
            by = (0, "") if who is None else (who.user_id, who.name)
            line = Line(kind, at, *by, before.state, after.state, text, facts or {})
            await self._audit.record(who or NODE, act, after.number, range=after.area, detail=line.said)
            async with self._transaction() as tx:
                await self._write(tx, before, after, line)
                if beside is not None:
                    await beside(tx, after, at)
            self._tell(after, line)
            return after

    async def note(self, who: Principal, where: Where, id: int, text: str) -> Incident:
        """One more line. Raises what `act` does, NotNow."""
        return await self.act(who, where, id, Act.INCIDENT_NOTE, LineKind.NOTE, noted, text=text)

    async def correct(
        self, who: Principal, where: Where, id: int, seen: int | None, changes: Mapping[str, Any], why: str
    ) -> Incident:
        """Other facts; what stood before stands in the time line. Raises what `act` does, NotNow, NothingChanged."""
        found = await self.get(where, id)
        facts = {name: f"{getattr(found, name)} → {value}" for name, value in changes.items() if getattr(found, name) != value}
        if not facts:
            raise NothingChanged()

        def change(one: Incident, at: float) -> Incident:
            return worked_on(one, at, **changes)

        told: dict[str, Any] = {"seen": seen or found.version, "text": why, "facts": facts}
        return await self.act(who, where, id, Act.INCIDENT_CHANGE, LineKind.CHANGED, change, **told)

    async def link_alarm(self, who: Principal, where: Where, watched: Where, id: int, alarm: int, text: str) -> Incident:
        """Raises what `act` does, NotNow, UnknownAlarm, AlarmElsewhere, UnusableIncident."""

        async def check(one: Incident) -> None:
            await self._free(watched, alarm)
            if len((await self.alarms_of([one.id]))[one.id]) >= MOST_ALARMS:
                raise UnusableIncident(why_zh=f"最多 {MOST_ALARMS} 条报警", why_en=f"{MOST_ALARMS} alarms at most")

        async def write(tx: AsyncConnection, one: Incident, at: float) -> None:
            await queries.link(tx, one.id, [alarm])

        told: dict[str, Any] = {"text": text, "facts": {"alarm": alarm}, "check": check, "beside": write}
        return await self.act(who, where, id, Act.INCIDENT_LINK, LineKind.ALARM, worked_on, **told)

    async def unlink_alarm(self, who: Principal, where: Where, id: int, alarm: int, why: str) -> Incident:
        """Raises what `act` does, NotNow, AlarmNotHere."""

        async def check(one: Incident) -> None:
            if alarm not in (await self.alarms_of([one.id]))[one.id]:
                raise AlarmNotHere(alarm=alarm)

        async def write(tx: AsyncConnection, one: Incident, at: float) -> None:
            await queries.unlink(tx, one.id, alarm)

        told: dict[str, Any] = {"text": why, "facts": {"alarm": alarm}, "check": check, "beside": write}
        return await self.act(who, where, id, Act.INCIDENT_LINK, LineKind.ALARM_REMOVED, worked_on, **told)

    async def link_picture(self, who: Principal, where: Where, id: int, facts: Mapping[str, object], text: str) -> Incident:
        """Names footage; copies none. Raises what `act` does, NotNow."""
        return await self.act(who, where, id, Act.INCIDENT_LINK, LineKind.PICTURE, noted, text=text, facts=facts)

    async def hand_over(self, who: Principal, where: Where, id: int, seen: int | None, to: int, text: str) -> Incident:
        """To somebody who may lead it; by whoever does not lead it with a reason, as `taken` has it.

        Raises what `act` does, NotNow, NoSuccessor, NothingChanged, IncidentTaken.
        """
        person = await self._access.persons.get(to)
        if person is None:
            raise NoSuccessor()
        name = person.name

        async def check(one: Incident) -> None:
            try:
                self._access.decide_or_refuse(person, Function.TAKE_DUTY, Place(one.area, one.area))
            except Refusal as error:  # theirs, and no refusal of the caller
                raise NoSuccessor() from error
            if one.owner_id == to:
                raise NothingChanged()
            if one.owner_id not in (0, who.user_id) and not text:
                raise IncidentTaken(number=one.number, owner=one.owner)

        def change(one: Incident, at: float) -> Incident:
            return worked_on(one, at, owner_id=to, owner=name)

        told: dict[str, Any] = {"seen": seen, "text": text, "facts": {"to": name}, "check": check}
        return await self.act(who, where, id, Act.INCIDENT_HAND_OVER, LineKind.HANDED_OVER, change, **told)

    async def close(self, who: Principal, where: Where, id: int, seen: int | None, outcome: Outcome, text: str) -> Incident:
        """Raises what `act` does, NotNow, UnitsOut, UnusableOutcome."""
        facts: dict[str, object] = {"disposition": outcome.main.value}
        facts |= {"also": [one.value for one in outcome.also]} if outcome.also else {}
        facts |= {"cause": outcome.cause.value} if outcome.cause else {}

        def change(one: Incident, at: float) -> Incident:
            return closed(one, outcome, at)

        async def check(one: Incident) -> None:
            change(one, self.now())  # what it says by itself comes first
            for look in self.before_close:
                await look(one, outcome.main.value)

        told: dict[str, Any] = {"seen": seen, "text": text, "facts": facts, "check": check}
        return await self.act(who, where, id, Act.INCIDENT_CLOSE, LineKind.CLOSED, change, **told)

    async def reopen(self, who: Principal, where: Where, id: int, seen: int | None, why: str) -> Incident:
        """Raises what `act` does, NotNow."""

        def change(one: Incident, at: float) -> Incident:
            return reopened(one, who.user_id, who.name, at)

        return await self.act(who, where, id, Act.INCIDENT_REOPEN, LineKind.REOPENED, change, seen=seen, text=why)

    async def merge(self, who: Principal, where: Where, id: int, seen: int | None, into: int, why: str) -> Incident:
        """Both get a line; it can be undone. Raises what `act` does, NotNow, UnitsOut."""
        target = await self.get(where, into)
        lines: list[tuple[Incident, Line]] = []

        def change(one: Incident, at: float) -> Incident:
            return merged(one, target, at)

        async def write(tx: AsyncConnection, one: Incident, at: float) -> None:
            lines.append(await self._other_side(tx, who, target, one, at, LineKind.MERGED, why))

        async def check(one: Incident) -> None:
            nonlocal target
            target = await self.get(where, into)

        told: dict[str, Any] = {"seen": seen, "text": why, "facts": {"into": target.number}, "check": check, "beside": write}
        after = await self.act(who, where, id, Act.INCIDENT_MERGE, LineKind.MERGED, change, **told)
        for other, line in lines:
            self._tell(other, line)
        return after

    async def unmerge(self, who: Principal, where: Where, id: int, seen: int | None, why: str) -> Incident:
        """Both get a line, so that whoever does it may act on both. Raises what `act` does, NotNow."""
        lines: list[tuple[Incident, Line]] = []
        found = await self.get(where, id)
        target = await self.get(where, found.into) if found.into else None

        def change(one: Incident, at: float) -> Incident:
            if target is not None:
                noted(target, at)
            return unmerged(one, at)

        async def write(tx: AsyncConnection, one: Incident, at: float) -> None:
            if target is not None:
                lines.append(await self._other_side(tx, who, target, one, at, LineKind.UNMERGED, why))

        async def check(one: Incident) -> None:
            nonlocal target
            target = await self.get(where, found.into) if found.into else None

        facts: dict[str, object] = {"from": target.number} if target is not None else {}
        told: dict[str, Any] = {"seen": seen or found.version, "text": why, "facts": facts, "check": check, "beside": write}
        after = await self.act(who, where, id, Act.INCIDENT_UNMERGE, LineKind.UNMERGED, change, **told)
        for other, line in lines:
            self._tell(other, line)
        return after

    async def _other_side(
        self, tx: AsyncConnection, who: Principal, target: Incident, one: Incident, at: float, kind: LineKind, why: str
    ) -> tuple[Incident, Line]:
        after = replace(target, version=target.version + 1, last_at=at)
        line = Line(kind, at, who.user_id, who.name, target.state, after.state, why, {"part": one.number})
        await self._write(tx, target, after, line)
        return after, line

    async def _write(self, tx: AsyncConnection, before: Incident, after: Incident, line: Line) -> None:
        if not await queries.keep(tx, after, before.version):
            raise OtherDeskFirst(number=before.number)
        await queries.add_line(tx, after.id, line)
        for write in self.alongside:
            await write(tx, after, line)

    def _tell(self, one: Incident, line: Line) -> None:
        if one.is_open:
            self._open[one.id] = one
        else:
            self._open.pop(one.id, None)
        told = (one.id, one.number, one.area, one.state.value, one.priority, line.kind.value, one.version)
        self._bus.publish(IncidentChanged(*told))
