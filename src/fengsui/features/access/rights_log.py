"""What each person could do, in the audit log itself: the whole state after every change, so that "what could they see then"
needs no database. Differences that nobody asked for, such as a row changed by hand, are found at the start and each minute: they
are recorded as such (rule A36).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import inf, isinf

import msgspec
import structlog

from fengsui.clock import SteadyTime
from fengsui.errors import FengsuiError
from fengsui.features.access import queries
from fengsui.features.access.decision import Appointment, Person
from fengsui.features.access.persons import EVERYBODY, Persons, person_of
from fengsui.features.access.posts import Post
from fengsui.features.access.standing_then import StandingState, nothing
from fengsui.features.audit import NODE, Act, Audit, Result, as_recorded, was_cut
from fengsui.loops import keep
from fengsui.settings import Prerequisite
from fengsui.store import Store

log = structlog.get_logger(__name__)
AGAIN_S, START_S, BATCH = 5.0, 2.0, 500
LOOK_S, LOOK_A_PERSON_S = 60.0, 0.03
"""So often everybody is compared with the log, more seldom where there are many."""
GRACE_S = 2.0
"""Whoever changes something says so a moment later."""


CHANGED = "rights are not as the log holds them: changed past the node, or by a node that died before it could record"


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
    standing: StandingState = StandingState()

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


def state_of(
    row: queries.Row, held: Sequence[queries.Row], prerequisites: Sequence[Prerequisite], standing: StandingState
) -> RightsState:
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
        standing=standing,
    )


def read_state(detail: str) -> RightsState | None:
    """None for a record that was written otherwise."""
    try:
        return msgspec.json.decode(detail, type=RightsState)
    except (msgspec.MsgspecError, ValueError):
        return None


def _but_closed(state: RightsState) -> RightsState:
    return msgspec.structs.replace(state, standing=msgspec.structs.replace(state.standing, closed_zh="", closed_en=""))


class RightsLog:
    """Follows persons; its records come after the record of the act, and are read from the store."""

    def __init__(
        self, store: Store, audit: Audit, persons: Persons, prerequisites: Sequence[Prerequisite], steady: SteadyTime
    ) -> None:
        self.standing_of: Callable[[int], StandingState] = nothing
        """What duty, tickets and lifts give a person now; set at composition."""
        self._steady = steady
        self._store = store
        self._audit = audit
        self._prerequisites = tuple(prerequisites)
        self._changed: set[int] = set()
        self._everybody = True
        self._first = True
        """At the start: what differs from the log was done by nobody here."""
        self._looking = False
        self._read = False
        self._compared = asyncio.Event()
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._told: dict[str, str] = {}
        """By name: the state that the log holds last."""
        persons.on_change(self.note)

    def note(self, user_id: int) -> None:
        """Something of this person has changed."""
        self._everybody = self._everybody or user_id == EVERYBODY
        self._changed.add(user_id)
        self._wanted.set()

    async def start(self) -> None:
        """Compares everybody with the log, and follows from then on. Returns when that is done, or after START_S."""
        self._task = keep("rights-log", self._follow)
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
        self._wanted.set()
        while True:
            wait_s = LOOK_S + LOOK_A_PERSON_S * len(self._told)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._wanted.wait()
            if not self._wanted.is_set():
                self._looking = True
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
            self._told = await self._audit.known.newest_of_each(Act.RIGHTS_STATE) | self._told
            self._read = True
        everybody, changed = self._everybody, self._changed
        self._everybody, self._changed = False, set()
        try:
            if changed or everybody:
                await self._tell_all(await self._differing(None if everybody else changed), found=self._first)
                self._first = False
            elif self._looking:
                await self._look()
        except BaseException:
            self._everybody, self._changed = self._everybody or everybody, self._changed | changed
            raise
        finally:
            self._looking = False

    async def _look(self) -> None:
        """What is another one although nobody has said so, and goes unsaid."""
        first = await self._differing(None)
        if not first:
            return
        await asyncio.sleep(GRACE_S)
        again = await self._differing(set(first))
        unsaid = {user: one for user, one in again.items() if user not in self._changed and not self._everybody}
        await self._tell_all(unsaid, found=True)

    async def _differing(self, users: set[int] | None) -> dict[int, tuple[str, str]]:
        """User → name and present state, of those (None: all) whose state is not what the log holds last."""
        async with self._store.reading() as tx:
            rows = await queries.all_people(tx) if users is None else [await queries.person(tx, one) for one in users]
            held = await queries.appointments_of(tx, None if users is None else list(users))
        by_user: dict[int, list[queries.Row]] = {}
        for one in held:
            by_user.setdefault(one.user_id, []).append(one)
        found = {}
        for number, row in enumerate(rows):
            if number % BATCH == 0:
                await asyncio.sleep(0)  # there may be many: others have their turn
            if row is not None:
                state = state_of(row, by_user.get(row.id, []), self._prerequisites, self._standing(row.id))
                written = as_recorded(msgspec.json.encode(state).decode())
                told = self._told.get(row.name)
                if told != written and self._as_of_now(told) != written:
                    found[row.id] = (row.name, written)
        return found

    def _standing(self, user_id: int) -> StandingState:
        return self.standing_of(user_id).at(self._steady.now_s())

    def _as_of_now(self, told: str | None) -> str | None:
        """What the log holds, without what has run out meanwhile: time alone is no change."""
        state = None if told is None else read_state(told)
        if state is None:
            return told
        return msgspec.json.encode(msgspec.structs.replace(state, standing=state.standing.at(self._steady.now_s()))).decode()

    def _by_time(self, told: str, state: str) -> bool:
        """Whether time alone can have made the one of the other: pictures close when papers are overdue, and open again when
        strikes are old. The rows behind that have seals of their own.
        """
        was, becomes = read_state(self._as_of_now(told) or ""), read_state(state)
        return was is not None and becomes is not None and _but_closed(was) == _but_closed(becomes)

    async def _tell_all(self, differing: dict[int, tuple[str, str]], *, found: bool) -> None:
        fresh = list(differing.values())
        for at in range(0, len(fresh), BATCH):
            await asyncio.gather(*(self._tell(name, state, found=found) for name, state in fresh[at : at + BATCH]))

    async def _tell(self, name: str, state: str, *, found: bool) -> None:
        told = self._told.get(name)
        if found and told is not None and not was_cut(told) and not self._by_time(told, state):
            log.error("rights were changed past the node", person=name)
            await self._audit.record(NODE, Act.DATABASE_CHANGED, name, detail=CHANGED, result=Result.REFUSED)
        await self._audit.record(NODE, Act.RIGHTS_STATE, name, detail=state)
        self._told[name] = state
