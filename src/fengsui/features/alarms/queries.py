"""All SQL about alarm hosts and alarms."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import Scope, classes_of
from fengsui.features.alarms import point_queries
from fengsui.features.alarms.model import Alarm, AlarmHost
from fengsui.features.alarms.tables import (
    IN_WORK,
    LATE,
    RUNNING,
    SHELVED,
    WINDOW,
    alarm_hosts,
    alarm_passes,
    alarm_window,
    alarms,
)
from fengsui.store import SealedRow, insert_sealed, is_row_whole, update_sealed, upsert

_alarm = alarms.c
ALARMED = sa.select(_alarm.camera)
"""Cameras that alarms name."""
_ALARM = [_alarm[one.name] for one in fields(Alarm)]


async def hosts(tx: AsyncConnection, account: str = "") -> list[tuple[SealedRow, bool]]:
    """Each with whether the node wrote it so. `account`: of this one alone."""
    where = alarm_hosts.c.account == account if account else sa.true()
    rows = (await tx.execute(sa.select(alarm_hosts).where(where).order_by(alarm_hosts.c.id))).all()
    return [(row, is_row_whole(tx, alarm_hosts, row)) for row in rows]


async def add_host(tx: AsyncConnection, row: Mapping[str, Any]) -> int:
    """The number that it gets. Raises IntegrityError for an account that is there."""
    return int((await insert_sealed(tx, alarm_hosts, row)).id)


async def change_host(tx: AsyncConnection, host: AlarmHost, site: str, supervision_s: int | None) -> None:
    """What its site is called, and how often it is heard."""
    await update_sealed(tx, alarm_hosts, alarm_hosts.c.id == host.id, {"site": site, "supervision_s": supervision_s})


async def remove_host(tx: AsyncConnection, id: int) -> None:
    """Its alarms stay."""
    await point_queries.remove_all(tx, id)
    await tx.execute(sa.delete(alarm_hosts).where(alarm_hosts.c.id == id))


async def heard(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """`b_id`, `at`: when a host was last heard; of one that is gone, nothing."""
    where = alarm_hosts.c.id == sa.bindparam("b_id")
    await tx.execute(sa.update(alarm_hosts).where(where).values(heard_at=sa.bindparam("at")), list(rows))


async def window(tx: AsyncConnection) -> float | None:
    """How far back frames counted as sent before when that was written last; None: it never was."""
    return await mark(tx, WINDOW)


async def mark(tx: AsyncConnection, id: int) -> float | None:
    """One of the times by which the node knows what it missed; None: it was never written."""
    found: float | None = (await tx.execute(sa.select(alarm_window.c.since).where(alarm_window.c.id == id))).scalar_one_or_none()
    return found


async def write_window(tx: AsyncConnection, since: float, now: float) -> None:
    """Seconds since 1970."""
    rows = [{"id": WINDOW, "since": since}, {"id": RUNNING, "since": now}]
    await tx.execute(upsert(tx, alarm_window, ["id"], ["since"]), rows)


async def last_at(tx: AsyncConnection) -> float | None:
    """When the newest alarm came, by our clock then; None: there is none."""
    found: float | None = (await tx.execute(sa.select(sa.func.max(_alarm.last_at)))).scalar_one()
    return found


_SEEN: Final = "SELECT DISTINCT body_key FROM alarms WHERE body_key IN (SELECT value FROM json_each(?)) AND last_at >= ?"
"""One statement for any number of them, where SQLAlchemy would write one for each number."""


async def seen(tx: AsyncConnection, keys: Collection[str], since: float) -> set[str]:
    """Which of these frames are on disk already, from `since` on."""
    if tx.dialect.name == "sqlite":
        return {row[0] for row in await tx.exec_driver_sql(_SEEN, (json.dumps(list(keys)), since))}
    query = sa.select(_alarm.body_key).where(_alarm.body_key.in_(list(keys)), _alarm.last_at >= since).distinct()
    return set((await tx.execute(query)).scalars())


async def open_call(tx: AsyncConnection, protocol: str, number: str) -> Alarm | None:
    """The newest alarm in work that this source itself told."""
    where = (_alarm.host_id == 0) & (_alarm.number == number) & sa.text(IN_WORK) & (_alarm.protocol == protocol)
    row = (await tx.execute(sa.select(*_ALARM).where(where).order_by(_alarm.id.desc()).limit(1))).one_or_none()
    return None if row is None else Alarm(*row)


async def by_key(tx: AsyncConnection, key: str) -> tuple[int, float] | None:
    """The first alarm of this frame, and when it came; None: it is not on disk."""
    query = sa.select(_alarm.id, _alarm.first_at).where(_alarm.body_key == key).order_by(_alarm.id).limit(1)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else (row.id, row.first_at)


class Source(NamedTuple):
    """Whose alarm it is, of what kind, and who sees it: while one is open, the next of the same source counts with it.

    A host has its number, which no other one ever gets, and a device its code: what they are called may change.
    """

    host_id: int
    account: str
    device: str
    section: str
    number: str
    is_user: bool
    code_table: str
    code: str
    alarm_type: str
    event_type: str
    priority: int
    area: str
    camera: str
    camera_class: str


class Zone(NamedTuple):
    """What a host tells to be over; of the host, see `Source`."""

    host_id: int
    account: str
    section: str
    number: str
    is_user: bool
    category: str


NEWS: Final = ("area", "priority", "category", "change", "camera_class")
"""What is told of a new alarm, beside its number."""


class News(NamedTuple):
    """Of one alarm."""

    id: int
    area: str
    priority: int
    category: str
    change: str
    camera_class: str


async def news(tx: AsyncConnection, keys: Collection[str], since: float) -> list[News]:
    """Of the alarms of these frames, the oldest first."""
    where = _alarm.body_key.in_(list(keys)) & (_alarm.last_at >= since)
    query = sa.select(_alarm.id, *(_alarm[name] for name in NEWS)).where(where).order_by(_alarm.id)
    return [News(*row) for row in (await tx.execute(query)).all()]


def in_work() -> sa.ColumnElement[bool]:
    """As the indexes have it, to the letter: else they are not used."""
    return sa.literal_column(IN_WORK)


def source_columns() -> list[sa.ColumnElement[Any]]:
    """As they came: one whose priority was raised since is of the same source."""
    as_came = {"priority": sa.func.coalesce(_alarm.raised_from, _alarm.priority)}
    return [as_came.get(name, _alarm[name]) for name in Source._fields]


async def source_of(tx: AsyncConnection, id: int) -> Source:
    """Of one that is there."""
    return Source(*(await tx.execute(sa.select(*source_columns()).where(_alarm.id == id))).one())


async def begin_work(tx: AsyncConnection, id: int, values: Mapping[str, Any]) -> None:
    """Of one that was for the record alone."""
    await tx.execute(sa.update(alarms).where((_alarm.id == id) & (_alarm.state == "")).values(**values))


async def sources_in_work(tx: AsyncConnection) -> dict[Source, int]:
    """Which alarm each source has open, of which nobody has said yet what it is."""
    where = in_work() & (_alarm.state != "verified")
    columns = source_columns()
    rows = (await tx.execute(sa.select(_alarm.id, *columns).where(where).order_by(_alarm.id))).all()
    return {Source(*row[1:]): row[0] for row in rows}


async def add_folded(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """`b_id`, `more`, `at`: how many more came of an open alarm, and when the last."""
    values = {"folded": _alarm.folded + sa.bindparam("more"), "folded_at": sa.bindparam("at"), "active": True}
    await tx.execute(sa.update(alarms).where(_alarm.id == sa.bindparam("b_id")).values(values), list(rows))


async def fold(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """`b_id`, `into`: which alarm counts with which."""
    await tx.execute(
        sa.update(alarms).where(_alarm.id == sa.bindparam("b_id")).values(folded_into=sa.bindparam("into")), list(rows)
    )


async def end_active(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """`b_` and a name of `Zone`: what a host told to be over; what is done about its alarms goes on."""
    where = sa.and_(in_work(), *(_alarm[name] == sa.bindparam(f"b_{name}") for name in Zone._fields))
    await tx.execute(sa.update(alarms).where(where).values(active=False), list(rows))


async def shelved_of(tx: AsyncConnection, keys: Collection[str], since: float) -> set[int]:
    """Of the alarms of these frames, those that came while a shelf held them."""
    where = _alarm.body_key.in_(list(keys)) & (_alarm.last_at >= since) & _alarm.shelf_id.is_not(None)
    return set((await tx.execute(sa.select(_alarm.id).where(where & (_alarm.state != "open")))).scalars())


async def add_repeats(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """`b_key`, `b_since`, `more`, `at`: how often a frame that is on disk from then on came again, and when last."""
    where = (_alarm.body_key == sa.bindparam("b_key")) & (_alarm.last_at >= sa.bindparam("b_since"))
    values = {"repeats": _alarm.repeats + sa.bindparam("more"), "last_at": sa.bindparam("at")}
    await tx.execute(sa.update(alarms).where(where).values(values), list(rows))


def held_alarms(scopes: Sequence[Scope]) -> sa.ColumnElement[bool]:
    """Alarms that any of the scopes holds, by area and class of camera; one without a camera by its area alone. And those in work
    that were passed on to a centre of one of them."""
    if any(scope.everything for scope in scopes):
        return sa.true()
    prefixes = dict[str, int]()
    for prefix, classes in (pair for scope in scopes for pair in scope.areas):
        prefixes[prefix] = prefixes.get(prefix, 0) | classes
    found = []
    for prefix, classes in sorted(prefixes.items()):
        found.append(_alarm.area.startswith(prefix, autoescape=True) & _alarm.camera_class.in_(_seen(classes)))
    for centre, classes in sorted({pair for scope in scopes for pair in scope.passed}):
        there = (alarm_passes.c.to_centre == centre) & sa.literal_column("alarm_passes.ended_at IS NULL")
        passed = _alarm.id.in_(sa.select(alarm_passes.c.alarm_id).where(there))
        found.append(in_work() & passed & _alarm.camera_class.in_(_seen(classes)))
    return sa.or_(sa.false(), *found)


def _seen(classes: int) -> list[str]:
    return ["", *(one.value for one in classes_of(classes))] if classes else []


@dataclass(frozen=True, slots=True)
class Asked:
    """Which alarms are wanted; an empty word is any. `before`: older than this number. `since`, `until`: of their coming,
    seconds since 1970."""

    area: str = ""
    account: str = ""
    change: str = ""
    priority: int | None = None
    before: int | None = None
    device: str = ""
    camera: str = ""
    since: float | None = None
    until: float | None = None
    queue: bool = False
    """Those that are somebody's work, or wait for somebody."""
    late: bool = False
    """Of these, those that wait too long and of which no supervisor has taken note."""
    owner: int | None = None
    shelf: int | None = None
    """Those that stand on it."""
    ids: tuple[int, ...] = ()
    """These alone; none: all."""
    behind: tuple[int, int] | None = None
    """Of a queue: priority and number of the last one that was read."""


def _wanted(scopes: Sequence[Scope], asked: Asked) -> sa.ColumnElement[bool]:
    where = held_alarms(scopes)
    if asked.queue:
        where &= in_work() & (_alarm.priority > 0)  # which makes SQLite take the index that has the areas as well
    if asked.late:
        where &= sa.literal_column(LATE)  # as the index has it
    if asked.owner is not None:
        where &= _alarm.owner_id == asked.owner
    if asked.shelf is not None:
        where &= sa.literal_column(SHELVED) & (_alarm.shelf_id == asked.shelf)
    if asked.ids:
        where &= _alarm.id.in_(asked.ids)
    if asked.behind is not None:
        priority, id = asked.behind
        where &= (_alarm.priority > priority) | ((_alarm.priority == priority) & (_alarm.id > id))
    if asked.area:
        where &= _alarm.area.startswith(asked.area, autoescape=True)
    if asked.account:
        where &= _alarm.account.in_({asked.account, asked.account.upper()})
    if asked.device:
        where &= (_alarm.device == asked.device) & sa.literal_column("device <> ''")  # as the index has it
    if asked.camera:
        where &= _alarm.camera == asked.camera
    if asked.since is not None:
        where &= _alarm.first_at >= asked.since
    if asked.until is not None:
        where &= _alarm.first_at < asked.until
    if asked.change:
        where &= _alarm.change == asked.change
    if asked.priority is not None:
        where &= _alarm.priority == asked.priority
    if asked.before is not None:
        where &= _alarm.id < asked.before
    return where


async def newest(tx: AsyncConnection, scopes: Sequence[Scope], asked: Asked, limit: int) -> list[Alarm]:
    """The newest first; of a queue the most urgent first, and of these whichever waits longest."""
    where = _wanted(scopes, asked)
    order = [_alarm.priority, _alarm.id] if asked.queue else [_alarm.id.desc()]
    query = sa.select(*_ALARM).where(where).order_by(*order).limit(limit)
    return [Alarm(*row) for row in (await tx.execute(query)).all()]


async def waiting_in(tx: AsyncConnection, scopes: Sequence[Scope], asked: Asked) -> int:
    """How many there are of a queue, whatever page is asked for."""
    where = _wanted(scopes, replace(asked, before=None, behind=None))
    return int((await tx.execute(sa.select(sa.func.count()).select_from(alarms).where(where))).scalar_one())


class Waiting(NamedTuple):
    """Open alarms of one kind. `overdue`: it was told that they wait too long; `stale`: they came before a time; `oldest`: when
    the first of them came, seconds since 1970."""

    priority: int
    category: str
    unclaimed: bool
    overdue: bool
    number: int
    stale: int
    oldest: float


async def waiting_by_kind(tx: AsyncConnection, scopes: Sequence[Scope], area: str, stale_before: float) -> list[Waiting]:
    """Of a queue; a kind of which there is none is left out."""
    kind = [_alarm.priority, _alarm.category, _alarm.owner_id.is_(None), _alarm.escalated > 0]
    stale = sa.func.sum(sa.case((_alarm.first_at < stale_before, 1), else_=0))
    where = _wanted(scopes, Asked(area=area, queue=True))
    query = sa.select(*kind, sa.func.count(), stale, sa.func.min(_alarm.first_at)).where(where).group_by(*kind)
    rows = (await tx.execute(query)).all()
    return [Waiting(row[0], row[1], bool(row[2]), bool(row[3]), row[4], int(row[5]), row[6]) for row in rows]


class Arrived(NamedTuple):
    """What came of one source in one minute. `minute`: since 1970; `shown`: neither folded into another nor shelved;
    `last`: its newest alarm."""

    minute: int
    area: str
    camera_class: str
    host_id: int
    device: str
    number: str
    times: int
    shown: int
    last: int


async def first_since(tx: AsyncConnection, since: float) -> int | None:
    """The number of the first alarm that came from then on; None: none did."""
    query = sa.select(_alarm.id).where(_alarm.first_at >= since).order_by(_alarm.first_at, _alarm.id).limit(1)
    found: int | None = (await tx.execute(query)).scalar_one_or_none()
    return found


async def newest_id(tx: AsyncConnection) -> int:
    """0: there is none."""
    return int((await tx.execute(sa.select(sa.func.coalesce(sa.func.max(_alarm.id), 0)))).scalar_one())


async def arrived(tx: AsyncConnection, after: int, upto: int) -> list[Arrived]:
    """Of what is somebody's work, by number: behind `after`, `upto` among them."""
    minute = sa.cast(sa.func.floor(_alarm.first_at / 60), sa.Integer)
    of = [minute, *(_alarm[name] for name in ("area", "camera_class", "host_id", "device", "number"))]
    where = (_alarm.id > after) & (_alarm.id <= upto) & (_alarm.state != "")
    shown = sa.func.sum(sa.case((_alarm.state.in_(("folded", "shelved")), 0), else_=1))
    query = sa.select(*of, sa.func.count(), shown, sa.func.max(_alarm.id)).where(where).group_by(*of)
    return [Arrived(*row[:7], int(row[7]), row[8]) for row in (await tx.execute(query)).all()]


class RingingPoint(NamedTuple):
    """An open alarm of a point. `taken`: somebody sees to it."""

    point_id: int
    id: int
    priority: int
    taken: bool


async def ringing(tx: AsyncConnection, scopes: Sequence[Scope], most: int) -> list[RingingPoint]:
    """The most urgent first, and of these whichever waits longest; a point may stand there more than once."""
    where = _wanted(scopes, Asked(queue=True)) & _alarm.point_id.is_not(None)
    query = sa.select(_alarm.point_id, _alarm.id, _alarm.priority, _alarm.owner_id.is_not(None)).where(where)
    rows = await tx.execute(query.order_by(_alarm.priority, _alarm.id).limit(most))
    return [RingingPoint(row[0], row[1], row[2], bool(row[3])) for row in rows]


async def many(tx: AsyncConnection, scopes: Sequence[Scope], ids: Collection[int]) -> dict[int, Alarm]:
    """By number, those within the scopes."""
    rows = (await tx.execute(sa.select(*_ALARM).where(_alarm.id.in_(list(ids)) & held_alarms(scopes)))).all()
    return {row.id: Alarm(*row) for row in rows}


async def one(tx: AsyncConnection, scopes: Sequence[Scope] | None, id: int) -> Alarm | None:
    """Within the scopes, None: anywhere; there may be none."""
    where = sa.true() if scopes is None else held_alarms(scopes)
    row = (await tx.execute(sa.select(*_ALARM).where((_alarm.id == id) & where))).one_or_none()
    return None if row is None else Alarm(*row)
