"""Runs of procedures: begun for an alarm or an incident, and moved on step by step; each step on record first, then on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, NoReturn

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import OperatorFault
from fengsui.features.access import EVERYWHERE, CameraClass, Principal, Scope
from fengsui.features.alarm_work import LONGEST_DETAIL, AlarmWork, check_mine
from fengsui.features.alarms import Alarm, Alarms
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.incidents import Incident, Incidents, IncidentState, LineKind, noted, worked_on
from fengsui.features.procedures import queries
from fengsui.features.procedures.actions import Procedures
from fengsui.features.procedures.errors import (
    MoreByNow,
    NothingToReview,
    OwnSkips,
    ProcedureOpen,
    ProcedureOwed,
    ProcedureUnderWay,
    TooManyRuns,
    UnknownProcedure,
    UnknownRun,
)
from fengsui.features.procedures.model import Definition, Procedure
from fengsui.features.procedures.ports import ProcedureRunChanged
from fengsui.features.procedures.run_model import MOST_RUNS, Deed, Entry, Run, begun, moved
from fengsui.store import Store

Where = Sequence[Scope]
IN_WORK = frozenset(("open", "claimed", "verified"))
"""Of an alarm that somebody sees to, or will."""
WriteOf = Callable[[AsyncConnection, Procedure], Awaitable[None]]
Write = Callable[[AsyncConnection], Awaitable[None]]
ENDED_WITHOUT = frozenset(("test", "duplicate"))
"""Outcomes of an alarm that need no procedure."""
VOID = frozenset(("false-alarm", "test", "cancelled"))
"""Dispositions of an incident that need none."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A run with all that is shown of it."""

    run: Run
    definition: Definition
    entries: list[Entry]


class ProcedureRuns:
    """One act at a time."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        clock: Clock,
        audit: Audit,
        alarms: Alarms,
        work: AlarmWork,
        incidents: Incidents,
        of: Procedures,
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._audit = audit
        self._alarms = alarms
        self._work = work
        self._incidents = incidents
        self._procedures = of
        self.of_place: Callable[[Alarm], int | None] = lambda _: None
        """The procedure that the protected place of an alarm names."""
        self._turn = asyncio.Lock()

    # What is shown

    def proposed(self, alarm: Alarm, here: Iterable[Procedure]) -> list[Procedure]:
        """By what it is about and where, or by its protected place."""
        place, by_place = f"{alarm.site} {alarm.point}", self.of_place(alarm)
        return [one for one in here if one.id == by_place or one.definition.offer.meets_alarm(alarm.category, place)]

    async def about_alarm(self, where: Where, id: int) -> tuple[Alarm, list[Procedure], list[Whole]]:
        """With the procedures that hold there and the runs that it has. Raises UnknownAlarm, StorageFault."""
        alarm = await self._alarms.get(where, id)
        return alarm, self._procedures.holding(alarm.area), await self._wholes([id], [])

    async def about_incident(self, where: Where, id: int) -> tuple[list[Incident], list[Procedure], list[Whole]]:
        """It and what was merged into it, with their alarms, where one sees them. Raises UnknownIncident, StorageFault."""
        one = await self._incidents.get(where, id)
        whole = [one, *await self._incidents.merged_into(where, id)]
        ids = [part.id for part in whole]
        alarms = await self._alarms.many(where, list(chain.from_iterable((await self._incidents.alarms_of(ids)).values())))
        here = {found.id: found for part in whole for found in self._procedures.holding(part.area)}
        return whole, list(here.values()), await self._wholes(sorted(alarms), ids)

    async def _wholes(self, alarms: Sequence[int], incidents: Sequence[int]) -> list[Whole]:
        async with self._store.reading() as tx:
            return await self._with_entries(tx, await queries.runs_about(tx, alarms, incidents))

    async def _runs(self, alarms: Sequence[int], incidents: Sequence[int]) -> list[Run]:
        """Without their entries, for what looks at them while others wait."""
        async with self._store.reading() as tx:
            return await queries.runs_about(tx, alarms, incidents)

    @staticmethod
    async def _with_entries(tx: AsyncConnection, runs: Sequence[Run]) -> list[Whole]:
        entries = await queries.entries_of(tx, [one.id for one in runs])
        return [Whole(one, await queries.definition_of(tx, one), entries[one.id]) for one in runs]

    async def listed(self, where: Where, *, skipped: bool, is_open: bool, before: int | None, limit: int) -> list[Whole]:
        """For supervisors, the newest first. Raises StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.runs(tx, where, skipped=skipped, is_open=is_open, before=before, limit=limit)
            return await self._with_entries(tx, found)

    async def _whole(self, id: int) -> Whole:
        async with self._store.reading() as tx:
            run = await queries.run_of(tx, id)
            if run is None:
                raise UnknownRun()
            [found] = await self._with_entries(tx, [run])
        return found

    # Begun

    async def start_for_alarm(self, who: Principal, where: Where, id: int, procedure: int) -> Whole:
        """By whoever sees to it. Raises UnknownAlarm, UnknownProcedure, ProcedureUnderWay, TooManyRuns, what `check_mine`
        raises, AuditUnavailable, StorageFault."""
        async with self._turn, self._work.turn:
            alarm = await self._alarms.get(where, id)
            check_mine(alarm, who.user_id, though_closed=False)
            return await self._begin(who, self._procedures.held(procedure, alarm.area), alarm)

    async def start_by_rule(self, by: str, id: int, procedure: int, beside: WriteOf) -> Procedure | None:
        """What a rule begins waits for whoever takes the alarm; None: there was nothing to begin, or it is nobody's work. Raises
        UnknownProcedure, TooManyRuns, AuditUnavailable, StorageFault."""
        async with self._turn, self._work.turn:
            alarm = await self._alarms.get([EVERYWHERE], id)
            one = self._procedures.held(procedure, alarm.area)
            if alarm.state not in IN_WORK or _under_way(one, await self._runs([alarm.id], [])):
                return None
            await self._begin(None, one, alarm, by, lambda tx: beside(tx, one))
            return one

    async def _begin(self, who: Principal | None, one: Procedure, alarm: Alarm, by: str = "", beside: Write | None = None) -> Whole:
        _refuse_another(one, await self._runs([alarm.id], []))
        name = by if who is None else who.name
        run = begun(one, self._now(), name, area=alarm.area, camera_class=alarm.camera_class, alarm=alarm.id)
        said = {"procedure": one.name, "version": one.version}

        async def write(tx: AsyncConnection) -> None:
            nonlocal run
            run = replace(run, id=await queries.add_run(tx, run))
            if beside is not None:
                await beside(tx)

        await self._write(who, run, Act.PROCEDURE_START, "", said, write)
        return await self._told(run, "started")

    async def start_for_incident(self, who: Principal, where: Where, id: int, procedure: int) -> Whole:
        """Raises UnknownIncident, NotNow, UnknownProcedure, ProcedureUnderWay, TooManyRuns, AuditUnavailable, StorageFault."""
        async with self._turn:
            one = await self._incidents.get(where, id)
            found = await self._held_at(one, procedure)
            _refuse_another(found, await self._runs([], [id]))
            run = begun(found, self._now(), who.name, incident=id, area=one.area)

            async def write(tx: AsyncConnection, after: Incident, at: float) -> None:
                nonlocal run
                run = replace(run, id=await queries.add_run(tx, run))

            told: dict[str, Any] = {"facts": {"procedure": found.name, "version": found.version}, "beside": write}
            await self._incidents.act(who, where, id, Act.PROCEDURE_START, LineKind.PROCEDURE, worked_on, **told)
            return await self._told(run, "started")

    async def _held_at(self, one: Incident, procedure: int) -> Procedure:
        """One that holds there, or where something was that was merged into it: its end waits for those as well. Raises
        UnknownProcedure, StorageFault."""
        for part in (one, *await self._incidents.merged_into([EVERYWHERE], one.id)):
            with suppress(UnknownProcedure):
                return self._procedures.held(procedure, part.area)
        raise UnknownProcedure()

    # Moved on

    async def act(self, who: Principal, where: Where, id: int, deed: Deed) -> Whole:
        """A step is answered or skipped, by whoever works on what it is about.

        Raises UnknownRun, RunOver, RunMoved, UnfitAnswer, what `check_mine` raises, NotNow, AuditUnavailable, StorageFault.
        """
        async with AsyncExitStack() as held:
            await held.enter_async_context(self._turn)
            found = await self._whole(id)
            await self._check_worker(held, who, where, found.run)
            run, made = moved(found.run, found.definition, found.entries, deed, self._now(), who.user_id, who.name)

            async def write(tx: AsyncConnection) -> None:
                await queries.keep_run(tx, run, made)

            act = Act.PROCEDURE_ANSWER if deed.outcome == "answered" else Act.PROCEDURE_SKIP
            await self._write(who, run, act, deed.note, _facts(run, made), write)
            return await self._told(run, deed.outcome)

    async def _check_worker(self, held: AsyncExitStack, who: Principal, where: Where, run: Run) -> None:
        """As the alarm or the incident stands, which stays so. Whoever may not see it knows of no run."""
        try:
            if run.alarm is not None:
                await held.enter_async_context(self._work.turn)
                alarm = await self._alarms.get(where, run.alarm)
            elif run.incident is not None:
                await self._incidents.get(where, run.incident)
                return
        except OperatorFault as error:
            raise UnknownRun() from error
        check_mine(alarm, who.user_id, though_closed=True)

    async def _write(self, who: Principal | None, run: Run, act: Act, text: str, facts: Mapping[str, object], write: Write) -> None:
        """In the time line of what it is about; of an alarm also in that of its incident."""
        said = "; ".join((*_words(facts), *((text,) if text else ())))

        async def beside(tx: AsyncConnection) -> None:
            await write(tx)
            if run.alarm is not None:
                await self._work.note(tx, run.alarm, said[:LONGEST_DETAIL], who=who, act="procedure")

        async def with_line(tx: AsyncConnection, after: Incident, at: float) -> None:
            await beside(tx)

        incident = run.incident
        if run.alarm is not None:
            of = await self._incidents.of_alarm(run.alarm)
            incident = of.id if of is not None and of.state is not IncidentState.ARCHIVED else None
            facts = {**facts, "alarm": run.alarm}
        if incident is not None:
            told: dict[str, Any] = {"text": text, "facts": facts, "beside": with_line}
            await self._incidents.act(who, [EVERYWHERE], incident, act, LineKind.PROCEDURE, noted, **told)
        else:
            await self._audit.record(who or NODE, act, str(run.alarm), range=run.area, detail=said[:LONGEST_DETAIL])
            async with self._store.transaction() as tx:
                await beside(tx)
        if run.alarm is not None:
            await self._work.tell(run.alarm)

    async def review(self, who: Principal, where: Where, id: int, seen: int) -> Whole:
        """A supervisor has seen what others skipped; `seen`: how many entries they had before them.

        Raises UnknownRun, NothingToReview, OwnSkips, MoreByNow, AuditUnavailable, StorageFault.
        """
        async with self._turn:
            found = await self._whole(id)
            run = found.run
            if not _sees(where, run):
                raise UnknownRun()
            if not run.skipped or run.reviewed_at is not None:
                raise NothingToReview()
            if any(one.outcome == "skipped" and one.user_id == who.user_id for one in found.entries):
                raise OwnSkips()
            if run.entries != seen:
                raise MoreByNow()
            about = f"{run.name}; {run.skipped} steps skipped"
            await self._audit.record(who, Act.PROCEDURE_REVIEW, str(id), range=run.area, detail=about)
            run = replace(run, reviewed_at=self._now(), reviewed_by=who.name)
            async with self._store.transaction() as tx:
                await queries.keep_run(tx, run, [])
            return await self._told(run, "reviewed")

    # Closing

    async def check_alarm(self, alarm: Alarm, outcome: str) -> None:
        """One that its incident's run sees to may be closed while that goes on. Raises ProcedureOpen, ProcedureOwed: it is not
        closed yet. Raises StorageFault."""
        of = await self._incidents.of_alarm(alarm.id)
        runs = await self._runs([alarm.id], [] if of is None else [of.id])
        await self._refuse_open([one for one in runs if one.alarm == alarm.id])
        if alarm.result != "false" and outcome not in ENDED_WITHOUT:
            owed = [one for one in self._procedures.holding(alarm.area) if one.is_mandatory]
            owed = self.proposed(alarm, owed)
            seen_to = {one.procedure for one in runs if one.incident is not None}
            await self._refuse_owed([one for one in owed if one.id not in seen_to], runs)

    async def check_incident(self, one: Incident, disposition: str) -> None:
        """With what was merged into it, whose end it is as well. Raises ProcedureOpen, ProcedureOwed, StorageFault."""
        whole = [one, *await self._incidents.merged_into([EVERYWHERE], one.id)]
        ids = [part.id for part in whole]
        alarms = list(chain.from_iterable((await self._incidents.alarms_of(ids)).values()))
        runs = await self._runs(alarms, ids)
        await self._refuse_open([found for found in runs if found.incident is not None])
        if disposition in VOID:
            return
        for part in whole:
            if part.before is not IncidentState.FALSE:
                owed = [found for found in self._procedures.holding(part.area) if found.is_mandatory]
                owed = [found for found in owed if found.definition.offer.meets_incident(part.kind, part.place)]
                await self._refuse_owed(owed, runs)

    async def _refuse_open(self, runs: Sequence[Run]) -> None:
        for one in runs:
            if one.is_open and one.is_mandatory:
                await self._say_open(one)

    async def _refuse_owed(self, owed: Sequence[Procedure], runs: Sequence[Run]) -> None:
        """Only a run that is over is what was owed, also one that began before the procedure was mandatory."""
        for one in owed:
            mine = [run for run in runs if run.procedure == one.id]
            if not mine:
                raise ProcedureOwed(name=one.name)
            if all(run.is_open for run in mine):
                await self._say_open(mine[0])

    async def _say_open(self, run: Run) -> NoReturn:
        async with self._store.reading() as tx:
            definition = await queries.definition_of(tx, run)
        raise ProcedureOpen(name=run.name, step=definition.by_id[run.step].text[:60])

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def _told(self, run: Run, what: str) -> Whole:
        told = run.id, run.name, run.alarm, run.incident, run.area, run.camera_class, what
        self._bus.publish(ProcedureRunChanged(*told))
        return await self._whole(run.id)


def _under_way(one: Procedure, runs: Sequence[Run]) -> bool:
    return any(run.procedure == one.id and run.is_open for run in runs)


def _refuse_another(one: Procedure, runs: Sequence[Run]) -> None:
    """`runs`: of what it would be about. Raises ProcedureUnderWay, TooManyRuns."""
    if _under_way(one, runs):
        raise ProcedureUnderWay(name=one.name)
    if len(runs) >= MOST_RUNS:
        raise TooManyRuns(most=MOST_RUNS)


def _facts(run: Run, made: Sequence[Entry]) -> dict[str, object]:
    """What the time line says of it."""
    first = made[0]
    facts: dict[str, object] = {"procedure": run.name, "step": first.text, "outcome": first.outcome}
    facts |= {"answer": first.answer} if first.answer else {}
    facts |= {"took_s": round(first.took_s)} | ({"late": 1} if first.is_late else {})
    facts |= {"also": [one.text for one in made[1:]]} if made[1:] else {}
    return facts if run.is_open else facts | {"over": 1}


def _words(facts: Mapping[str, object]) -> list[str]:
    """Of the alarm's time line."""
    named = [str(facts[name]) for name in ("procedure", "step", "outcome", "answer") if name in facts]
    named += [f"v{facts['version']}"] if "version" in facts else []
    named += [f"{facts['took_s']} s"] if "took_s" in facts else []
    also = facts.get("also")
    return [*named, *also] if isinstance(also, list) else named


def _sees(where: Where, run: Run) -> bool:
    return any(scope.holds(run.area, CameraClass(run.camera_class) if run.camera_class else None) for scope in where)
