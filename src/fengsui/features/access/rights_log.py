"""What each person could do, in the audit log itself: the whole state after every change, so that "what could they see then"
needs no database. Differences that nobody asked for, such as a row changed by hand, are found at the start and recorded as well
(rule A36).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from math import inf, isinf

import msgspec
import structlog

from fengsui.errors import FengsuiError
from fengsui.features.access import queries
from fengsui.features.access.decision import Appointment, Person
from fengsui.features.access.persons import EVERYBODY, Persons, person_of
from fengsui.features.access.posts import Post
from fengsui.features.audit import NODE, Act, Audit, Wanted
from fengsui.settings import Prerequisite
from fengsui.store import Store

log = structlog.get_logger(__name__)
AGAIN_S, START_S, BATCH = 5.0, 2.0, 500


class Held(msgspec.Struct, frozen=True, array_like=True):
    """One appointment. Times: seconds since 1970, null for none; `classes`: bits of `posts.CLASS_BIT`."""

    post: str
    area: str
    classes: int
    since: float | None
    until: float | None
    rank: str = ""


class RightsState(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a decision about a person rests on. `closes_at`: when a prerequisite lapses, null for never."""

    unit: str
    area: str
    disabled: bool
    closes_at: float | None
    closes_zh: str
    closes_en: str
    held: tuple[Held, ...]

    def person(self, name: str) -> Person:
        """As the door saw them."""
        held = tuple(
            Appointment(Post(one.post), one.area, one.classes, _low(one.since), _high(one.until), 0, one.rank) for one in self.held
        )
        closes_at = inf if self.closes_at is None else self.closes_at
        return Person(0, name, held, self.unit, self.area, closes_at, (self.closes_zh, self.closes_en))


def _low(at: float | None) -> float:
    return -inf if at is None else at


def _high(at: float | None) -> float:
    return inf if at is None else at


def _finite(at: float) -> float | None:
    return None if isinf(at) else at


def state_of(row: queries.Row, held: Sequence[queries.Row], prerequisites: Sequence[Prerequisite]) -> RightsState:
    """Of a stored user."""
    person = person_of(row, held, prerequisites)
    never = person.closes_at == -inf
    return RightsState(
        unit=person.unit or "",
        area=person.area,
        disabled=bool(row.disabled),
        closes_at=0.0 if never else _finite(person.closes_at),
        closes_zh=person.closes_because[0],
        closes_en=person.closes_because[1],
        held=tuple(
            Held(one.post.value, one.area, one.classes, _finite(one.since), _finite(one.until), one.rank)
            for one in person.appointments
        ),
    )


def read_state(detail: str) -> RightsState | None:
    """None for a record that was written otherwise."""
    try:
        return msgspec.json.decode(detail, type=RightsState)
    except (msgspec.MsgspecError, ValueError):
        return None


class RightsLog:
    """Follows persons; its records come after the record of the act, and are read from the store."""

    def __init__(self, store: Store, audit: Audit, persons: Persons, prerequisites: Sequence[Prerequisite]) -> None:
        self._store = store
        self._audit = audit
        self._prerequisites = tuple(prerequisites)
        self._changed: set[int] = set()
        self._everybody = True
        self._read = False
        self._compared = asyncio.Event()
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._told: dict[str, str] = {}
        """By name: the state that the log holds last."""
        persons.on_change(self._note)

    def _note(self, user_id: int) -> None:
        self._everybody = self._everybody or user_id == EVERYBODY
        self._changed.add(user_id)
        self._wanted.set()

    async def start(self) -> None:
        """Compares everybody with the log, and follows from then on. Returns when that is done, or after START_S."""
        self._wanted.set()
        self._task = asyncio.create_task(self._follow())
        with suppress(TimeoutError):
            async with asyncio.timeout(START_S):
                await self._compared.wait()

    async def stop(self) -> None:
        """What is not recorded yet is at the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        with suppress(FengsuiError, OSError):
            await self._record_changes()

    async def _follow(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._record_changes()
                self._compared.set()
            except (FengsuiError, OSError) as error:
                log.warning("the state of rights is not recorded yet", what=str(error))
                self._wanted.set()
                await asyncio.sleep(AGAIN_S)

    async def _record_changes(self) -> None:
        if not self._read:
            await self._read_told()
            self._read = True
        everybody, changed = self._everybody, self._changed
        self._everybody, self._changed = False, set()
        try:
            async with self._store.reading() as tx:
                rows = await queries.all_people(tx) if everybody else [await queries.person(tx, one) for one in changed]
                held = await queries.appointments_of(tx, None if everybody else list(changed))
            by_user: dict[int, list[queries.Row]] = {}
            for one in held:
                by_user.setdefault(one.user_id, []).append(one)
            states = {
                row.name: msgspec.json.encode(state_of(row, by_user.get(row.id, []), self._prerequisites)).decode()
                for row in rows
                if row is not None
            }
            fresh = [(name, state) for name, state in states.items() if self._told.get(name) != state]
            for at in range(0, len(fresh), BATCH):
                await asyncio.gather(*(self._tell(name, state) for name, state in fresh[at : at + BATCH]))
        except BaseException:
            self._everybody, self._changed = self._everybody or everybody, self._changed | changed
            raise

    async def _tell(self, name: str, state: str) -> None:
        await self._audit.record(NODE, Act.RIGHTS_STATE, name, detail=state)
        self._told[name] = state

    async def _read_told(self) -> None:
        cursor = 0
        while True:
            found = await self._audit.index.page(Wanted(act=Act.RIGHTS_STATE), cursor, BATCH)
            for one in found:
                if one.record is not None:
                    self._told.setdefault(one.record.object, one.record.detail)
            if len(found) < BATCH:
                return
            cursor = found[-1].sequence
