"""Persons as the door knows them: read from the store, compiled once, forgotten when they change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from math import inf
from typing import Literal, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.features.access import queries
from fengsui.features.access.decision import Allowed, Appointment, Person, Place, decide
from fengsui.features.access.posts import Function, Post, posts_with
from fengsui.settings import Prerequisite
from fengsui.store import Store

KEPT_S = 3.0
"""A change that was written by another process works after that time at the latest."""
MAX_KEPT = 50_000
EVERYBODY = 0
"""No user has this id."""
SOON_S = 30 * 86_400.0
"""Before its end a training is due anew."""
BEIJING = timezone(timedelta(hours=8))
LAPSED: dict[str, tuple[str, str]] = {
    "vetting": ("未登记入职审查", "no entry vetting is on record"),
    "undertaking": ("未登记保密承诺书", "no signed secrecy undertaking is on record"),
    "training": ("培训考核未登记或已过期", "the training is missing or has lapsed"),
}


@dataclass(frozen=True, slots=True)
class RightsChanged:
    """What this person may do can be another now: appointments, a shift, tickets, a suspension. `user_id` EVERYBODY: all."""

    user_id: int


class Named(NamedTuple):
    """Who somebody is, as lists show it. `area`: of the unit, empty without one."""

    user_id: int
    name: str
    full_name: str
    unit: str
    area: str


class Persons:
    """Who is appointed to what, now."""

    def __init__(self, store: Store, clock: Clock, prerequisites: Iterable[Prerequisite]) -> None:
        self._store = store
        self._clock = clock
        self._prerequisites = tuple(prerequisites)
        self._kept: dict[int, tuple[float, Person]] = {}
        self._on_change: list[Callable[[int], None]] = []

    def on_change(self, act: Callable[[int], None]) -> None:
        """`act` is called with the id of a person whose rights have changed."""
        self._on_change.append(act)

    async def get(self, user_id: int) -> Person | None:
        """None when there is no such user, the account is disabled, or it is not as the node wrote it."""
        kept, now_s = self._kept.get(user_id), self._clock.monotonic_s()
        if kept is not None and now_s < kept[0] + KEPT_S:
            return kept[1]
        async with self._store.reading() as tx:
            row = await queries.person(tx, user_id)
            held = await queries.appointments_of(tx, [user_id])
            closed = row is None or row.disabled or not queries.is_whole(tx, row)
        if row is None or closed:
            self._kept.pop(user_id, None)
            return None
        found = person_of(row, held, self._prerequisites)
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        self._kept[user_id] = (now_s, found)
        return found

    @staticmethod
    async def unit_of(tx: AsyncConnection, user_id: int) -> str:
        """The name of the unit, as a transaction sees it; empty: there is none. Raises StorageFault."""
        row = await queries.person(tx, user_id)
        return "" if row is None else row.unit_name

    async def read_anew(self, user_id: int) -> Person | None:
        """As `get`, whatever was read a moment ago: for whoever signs in."""
        self._kept.pop(user_id, None)
        return await self.get(user_id)

    async def with_posts(self, posts: Iterable[Post]) -> list[tuple[Person, str]]:
        """Enabled people with an appointment to one of these, each with the full name, by name."""
        async with self._store.reading() as tx:
            rows = await queries.people_with(tx, [post.value for post in posts])
            held = await queries.appointments_of(tx, [row.id for row in rows])
        mine: dict[int, list[queries.Row]] = {}
        for one in held:
            mine.setdefault(one.user_id, []).append(one)
        return [(person_of(row, mine.get(row.id, []), self._prerequisites), row.full_name) for row in rows]

    async def named(self, user_ids: Iterable[int]) -> dict[int, Named]:
        """Who they are, for lists; accounts that were disabled too."""
        wanted = sorted(set(user_ids))
        async with self._store.reading() as tx:
            rows = await queries.people_by_id(tx, wanted) if wanted else []
        return {row.id: named_of(row) for row in rows}

    async def able(self, function: Function, place: Place, moments: Sequence[float]) -> list[tuple[Named, Person]]:
        """Everybody who may do this there at each of these moments (seconds since 1970), by name; the decision is `decide`'s."""
        found = await self.posted(posts_with(function), place)
        return [
            (named, person)
            for named, person in found
            if all(isinstance(decide(person, function, place, now=at), Allowed) for at in moments)
        ]

    async def posted(self, posts: Iterable[Post], place: Place) -> list[tuple[Named, Person]]:
        """Enabled people with an appointment to one of these that holds the place, in force or not, by name."""
        areas = [place.area[:length] for length in range(0, len(place.area) + 1, 2)]
        return await self._in_posts([one.value for one in posts], areas)

    async def _in_posts(self, posts: Sequence[str], areas: Sequence[str]) -> list[tuple[Named, Person]]:
        async with self._store.reading() as tx:
            rows = await queries.people_in_posts(tx, posts, areas)
            held = await queries.appointments_of(tx, [row.id for row in rows])
        appointed: dict[int, list[queries.Row]] = defaultdict(list)
        for one in held:
            appointed[one.user_id].append(one)
        return [(named_of(row), person_of(row, appointed[row.id], self._prerequisites)) for row in rows]

    def forget(self, user_id: int) -> None:
        """Rights of this person have changed."""
        self._kept.pop(user_id, None)
        for act in self._on_change:
            act(user_id)

    def forget_all(self) -> None:
        """Names or areas of units have changed; rights have not."""
        self._kept.clear()
        for act in self._on_change:
            act(EVERYBODY)

    def lapses_on(self, person: Person) -> date | None:
        """The last day of an account that closes within thirty days."""
        ends = person.closes_at
        if not self._clock.now().timestamp() <= ends <= self._clock.now().timestamp() + SOON_S:
            return None
        return (datetime.fromtimestamp(ends, BEIJING) - timedelta(seconds=1)).date()

    def lapse(self, row: queries.Row) -> tuple[float, tuple[str, str]]:
        """When the account of a stored user closes, and why."""
        return lapse_of(row.vetted_on, row.undertaking_on, row.training_until, self._prerequisites)


def person_of(row: queries.Row, held: Sequence[queries.Row], prerequisites: Iterable[str]) -> Person:
    """A stored user with the appointments that are not withdrawn."""
    closes_at, because = lapse_of(row.vetted_on, row.undertaking_on, row.training_until, prerequisites)
    return Person(
        row.id,
        row.name,
        tuple(appointment_of(one) for one in held),
        unit=row.unit_name,
        area=row.unit_area or "",
        closes_at=closes_at,
        closes_because=because,
        given_by=row.given_by or 0,
        personnel_number=row.personnel_number or "",
    )


def named_of(row: queries.Row) -> Named:
    """A stored user with the unit."""
    return Named(row.id, row.name, row.full_name, row.unit_name, row.unit_area or "")


def appointment_of(row: queries.Row) -> Appointment:
    """A stored appointment."""
    until = inf if row.valid_until is None else float(row.valid_until)
    return Appointment(Post(row.post), row.area, row.classes, row.valid_from, until, row.id, row.rank)


def lapse_of(vetted_on: str, undertaking_on: str, training_until: str, required: Iterable[str]) -> tuple[float, tuple[str, str]]:
    """When an account closes and why (rule A9). Dates: `YYYY-MM-DD` in China, empty where there is none; the last day counts."""
    ends = {"vetting": _from(vetted_on), "undertaking": _from(undertaking_on), "training": _through(training_until)}
    found = [(ends[one], LAPSED[one]) for one in required]
    return min(found, key=lambda one: one[0], default=(inf, ("", "")))


def _from(day: str) -> float:
    return inf if day else -inf


def _through(day: str) -> float:
    if not day:
        return -inf
    return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), BEIJING).timestamp()


class Lapse(NamedTuple):
    """A prerequisite of an account that is missing, has lapsed, or does so soon. `until`: the last day, empty where none is."""

    what: Literal["vetting", "undertaking", "training"]
    state: Literal["missing", "expired", "expiring"]
    until: str


def lapses_of(row: queries.Row, now: float) -> list[Lapse]:
    """Of rule A9, whatever the settings ask for: `missing`, `expired`, `expiring` within thirty days. Only training has an end."""
    found = [] if row.vetted_on else [Lapse("vetting", "missing", "")]
    found += [] if row.undertaking_on else [Lapse("undertaking", "missing", "")]
    ends = _through(row.training_until)
    if not row.training_until:
        found.append(Lapse("training", "missing", ""))
    elif ends <= now + SOON_S:
        found.append(Lapse("training", "expired" if ends <= now else "expiring", row.training_until))
    return found


def role_of(person: Person, now: float) -> str:
    """The posts in force, as the record has them."""
    return " ".join(person.posts(now))
