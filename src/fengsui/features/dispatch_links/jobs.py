"""What other systems tell of jobs: each becomes an incident once; where it stands with them is written in its time line.

Nothing that they say moves our incident: it closes by a person's word alone. A message is on disk when it is answered, and the same
message has the same answer, however late it is sent again.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import structlog
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.errors import FengsuiError, OperatorFault, StorageFault
from fengsui.features.access import EVERYWHERE
from fengsui.features.alarm_intake import (
    JOBS,
    PING,
    AlarmIntake,
    AlarmSource,
    AlarmSources,
    IntakeElsewhere,
    IntakeIdUsed,
    IntakeMalformed,
    IntakeNotStored,
    KindNotAllowed,
    Known,
)
from fengsui.features.audit import Act, AuditUnavailable
from fengsui.features.dispatch_links import queries
from fengsui.features.dispatch_links.job_bodies import read_job
from fengsui.features.dispatch_links.model import JOB_STATE_TEXTS, JobSaid, JobState, UnknownJob
from fengsui.features.dispatch_links.queries import JobTakenBefore
from fengsui.features.incidents import Incident, Incidents, LineKind, Wanted, noted
from fengsui.store import Store

log = structlog.get_logger(__name__)
LONGEST_KEY: Final = 256
TAKEN_JOBS = Counter("fengsui_jobs_taken_total", "Messages of other systems about jobs by what became of them", ["outcome"])


class Answered(NamedTuple):
    """Our number of it, and when its message came."""

    number: str
    incident: int
    at: datetime


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class JobIntake:
    """One for the node; one message at a time."""

    def __init__(self, store: Store, clock: Clock, sources: AlarmSources, intake: AlarmIntake, incidents: Incidents) -> None:
        self._store = store
        self._clock = clock
        self._sources = sources
        self._intake = intake
        self._incidents = incidents
        self._turn = asyncio.Lock()

    async def take(self, name: str, timestamp: str, signature: str, raw: bytes, key: str) -> Answered:
        """Of a registered source, signed. `raw`: the body as it came, within `bound`; `key` empty: the body is its own.

        Raises IntakeUnproven, IntakeUntimely, IntakeTooOften, IntakeMalformed, KindNotAllowed, IntakeElsewhere, IntakeIdUsed,
        UnknownJob, IntakeNotStored.
        """
        known = self._intake.proven(name, timestamp, signature, raw)
        try:
            self._intake.admit(known, timestamp)
        except FengsuiError as error:
            self._sources.heard(known, "refused", error)
            raise
        if raw == PING:
            return Answered("", 0, self._clock.now())
        return await self._taken(known, raw, key)

    async def take_file(self, name: str, raw: bytes) -> Answered:
        """Of a registered source, whose folder it lay in. Raises UnknownJob, and what `take` does of its content."""
        known = self._sources.known(name)
        if known is None or known.secret is None:
            raise UnknownJob(number=name)
        return await self._taken(known, raw, "")

    async def _taken(self, known: Known, raw: bytes, key: str) -> Answered:
        source = known.source
        try:
            if not source.jobs:
                raise KindNotAllowed(kind=JOBS, allowed=", ".join(one.value for one in source.kinds))
            said = read_job(raw)
            if said.area and not said.area.startswith(source.area):
                raise IntakeElsewhere(area=said.area, own=source.area)
            async with self._turn:
                found, repeated = await self._stored(source, said, raw, key)
        except (StorageFault, AuditUnavailable) as fault:
            TAKEN_JOBS.labels("not stored").inc()
            log.error("a job of a source is not taken over, and is sent again", source=source.name, why=str(fault))
            raise IntakeNotStored() from fault
        except FengsuiError as error:
            TAKEN_JOBS.labels("refused").inc()
            self._sources.heard(known, "refused", error)
            raise
        outcome = "repeated" if repeated else "taken"
        TAKEN_JOBS.labels(outcome).inc()
        self._sources.heard(known, outcome)
        return found

    async def _stored(self, source: AlarmSource, said: JobSaid, raw: bytes, key: str) -> tuple[Answered, bool]:
        digest = hashlib.sha256(raw).hexdigest()
        receipt = _digest("job", source.name, key[:LONGEST_KEY] or digest)
        async with self._store.reading() as tx:
            before = await queries.job_taken(tx, receipt)
            incident = await queries.incident_by(tx, source.name, said.number)
            ours = await queries.incident_by_own(tx, source.name, said.yours) if said.yours else None
        if before is not None:
            if before.said != digest:
                raise IntakeIdUsed(id=key)
            return await self._answer(before), True
        if said.yours and (ours is None or incident not in (None, ours)):
            raise UnknownJob(number=said.yours)
        incident = ours or incident
        taken = JobTakenBefore(digest, incident or 0, self._clock.now().timestamp())
        if incident is None:
            taken = await self._open(source, said, receipt, taken)
        if said.state is not JobState.RECEIVED or incident is not None:
            await self._note(source, said, receipt, taken)
        return await self._answer(taken), False

    async def _open(self, source: AlarmSource, said: JobSaid, receipt: str, taken: JobTakenBefore) -> JobTakenBefore:
        if not said.place:
            raise IntakeMalformed(why="place: a new job says where it is")
        area, priority = said.area or source.area, max(said.priority, source.most_urgent)
        wanted = Wanted(said.kind, area, said.place, said.longitude, said.latitude, said.text, priority, ())

        async def beside(tx: AsyncConnection, one: Incident, at: float) -> None:
            numbers = source.name, one.id, one.number, said.number
            await queries.add_job(tx, *numbers, JobState.RECEIVED.value, at)
            if said.state is JobState.RECEIVED:  # else the line of its state has it
                await queries.add_job_taken(tx, receipt, source.name, taken._replace(incident_id=one.id))

        made = await self._incidents.open_by_node(source.title, wanted, f"job {_digest(source.name, said.number)}", beside)
        if made is None:  # it names no alarm, so nothing stands against it
            raise IntakeNotStored()
        return taken._replace(incident_id=made.id)

    async def _note(self, source: AlarmSource, said: JobSaid, receipt: str, taken: JobTakenBefore) -> None:
        zh, en = JOB_STATE_TEXTS[said.state]
        text = f"{source.title}:{zh}({said.number})· {source.title}: {en}"
        if said.text and said.text != (await self._incidents.get([EVERYWHERE], taken.incident_id)).text:
            text = f"{text}\n{said.text}"
        facts: dict[str, object] = {"from": source.name, "number": said.number, "state": said.state.value}

        async def beside(tx: AsyncConnection, *_: object) -> None:
            await queries.told_state(tx, source.name, taken.incident_id, said.number, said.state.value, taken.at)
            await queries.add_job_taken(tx, receipt, source.name, taken)

        told: dict[str, Any] = {"text": text, "facts": facts, "beside": beside}
        try:
            await self._incidents.act(None, [EVERYWHERE], taken.incident_id, Act.INCIDENT_NOTE, LineKind.NOTE, noted, **told)
        except OperatorFault:  # archived: there is no line to write, and they need not be told again
            async with self._store.transaction() as tx:
                await beside(tx)

    async def _answer(self, taken: JobTakenBefore) -> Answered:
        number = (await self._incidents.numbers([taken.incident_id])).get(taken.incident_id, "")
        return Answered(number, taken.incident_id, datetime.fromtimestamp(taken.at, UTC))
