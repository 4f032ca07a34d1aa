"""All SQL about alarm hosts and alarms."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import Scope, classes_of
from fengsui.features.alarms.model import Alarm, AlarmPoint, NewPoint
from fengsui.features.alarms.tables import IN_WORK, alarm_hosts, alarm_points, alarm_window, alarms, waiting_alarm_hosts
from fengsui.store import SealedRow, insert_sealed, is_row_whole, upsert

_alarm = alarms.c
_ALARM = [_alarm[one.name] for one in fields(Alarm)]


async def hosts(tx: AsyncConnection) -> list[tuple[SealedRow, bool]]:
    """Each with whether the node wrote it so."""
    rows = (await tx.execute(sa.select(alarm_hosts).order_by(alarm_hosts.c.id))).all()
    return [(row, is_row_whole(tx, alarm_hosts, row)) for row in rows]


def point_of(row: sa.Row[Any]) -> AlarmPoint:
    """As it stands in the table."""
    return AlarmPoint(row.id, row.host_id, row.zone, row.name, row.kind, row.camera)


async def points(tx: AsyncConnection) -> list[AlarmPoint]:
    """Of all hosts."""
    rows = (await tx.execute(sa.select(alarm_points).order_by(alarm_points.c.host_id, alarm_points.c.id))).all()
    return [point_of(row) for row in rows]


async def add_host(tx: AsyncConnection, row: Mapping[str, Any], points: Sequence[NewPoint]) -> tuple[SealedRow, list[AlarmPoint]]:
    """With the numbers that they get. Raises IntegrityError for an account that is there."""
    made = await insert_sealed(tx, alarm_hosts, row)
    found = []
    for one in points:
        insert = sa.insert(alarm_points).values(host_id=made.id, **one._asdict()).returning(alarm_points)
        found.append(point_of((await tx.execute(insert)).one()))
    return made, found


async def remove_host(tx: AsyncConnection, id: int) -> None:
    """Its alarms stay."""
    await tx.execute(sa.delete(alarm_points).where(alarm_points.c.host_id == id))
    await tx.execute(sa.delete(alarm_hosts).where(alarm_hosts.c.id == id))


async def heard(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """`b_id`, `at`: when a host was last heard; of one that is gone, nothing."""
    where = alarm_hosts.c.id == sa.bindparam("b_id")
    await tx.execute(sa.update(alarm_hosts).where(where).values(heard_at=sa.bindparam("at")), list(rows))


async def waiting(tx: AsyncConnection) -> Sequence[sa.Row[Any]]:
    """The newest first."""
    return (await tx.execute(sa.select(waiting_alarm_hosts).order_by(waiting_alarm_hosts.c.last_seen_at.desc()))).all()


async def write_waiting(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """New ones and those that changed."""
    columns = [one.name for one in waiting_alarm_hosts.columns if one.name != "account"]
    await tx.execute(upsert(tx, waiting_alarm_hosts, ["account"], columns), list(rows))


async def remove_waiting(tx: AsyncConnection, accounts: Collection[str]) -> None:
    """Those that are no longer on the list, at least one."""
    gone = sa.delete(waiting_alarm_hosts).where(waiting_alarm_hosts.c.account == sa.bindparam("gone"))
    await tx.execute(gone, [{"gone": account} for account in accounts])


async def remove_all_waiting(tx: AsyncConnection) -> None:
    """The list begins anew."""
    await tx.execute(sa.delete(waiting_alarm_hosts))


async def window(tx: AsyncConnection) -> float | None:
    """How far back frames counted as sent before when that was written last; None: it never was."""
    found: float | None = (await tx.execute(sa.select(alarm_window.c.since))).scalar_one_or_none()
    return found


async def write_window(tx: AsyncConnection, since: float) -> None:
    """Seconds since 1970."""
    await tx.execute(upsert(tx, alarm_window, ["id"], ["since"]), {"id": 1, "since": since})


async def last_at(tx: AsyncConnection) -> float | None:
    """When the newest alarm came, by our clock then; None: there is none."""
    found: float | None = (await tx.execute(sa.select(sa.func.max(_alarm.last_at)))).scalar_one()
    return found


async def seen(tx: AsyncConnection, keys: Collection[str], since: float) -> set[str]:
    """Which of these frames are on disk already, from `since` on."""
    query = sa.select(_alarm.body_key).where(_alarm.body_key.in_(list(keys)), _alarm.last_at >= since).distinct()
    return set((await tx.execute(query)).scalars())


class Source(NamedTuple):
    """Whose alarm it is, of what kind, and who sees it: while one is open, the next of the same source counts with it."""

    host_id: int
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
    """What a host tells to be over."""

    host_id: int
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


async def add_alarms(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Their numbers, in the order given.

    SQLite would be given one statement a row to tell them. Whoever writes there writes alone: its newest rows are ours.
    """
    if tx.dialect.name != "sqlite":
        insert = sa.insert(alarms).returning(_alarm.id, sort_by_parameter_order=True)
        return list((await tx.execute(insert, list(rows))).scalars())
    await tx.execute(sa.insert(alarms), list(rows))
    last = int((await tx.execute(sa.select(sa.func.max(_alarm.id)))).scalar_one())
    return list(range(last - len(rows) + 1, last + 1))


def in_work() -> sa.ColumnElement[bool]:
    """As the indexes have it, to the letter: else they are not used."""
    return sa.literal_column(IN_WORK)


async def sources_in_work(tx: AsyncConnection) -> dict[Source, int]:
    """Which alarm each source has open, of which nobody has said yet what it is."""
    columns = [_alarm[name] for name in Source._fields]
    where = in_work() & (_alarm.state != "verified")
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


async def add_repeats(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]], since: float) -> None:
    """`b_key`, `more`, `at`: how often a frame that is on disk came again, and when last."""
    where = (_alarm.body_key == sa.bindparam("b_key")) & (_alarm.last_at >= since)
    values = {"repeats": _alarm.repeats + sa.bindparam("more"), "last_at": sa.bindparam("at")}
    await tx.execute(sa.update(alarms).where(where).values(values), list(rows))


def _held(scopes: Sequence[Scope]) -> sa.ColumnElement[bool]:
    """What any of the scopes holds, by area and class of camera; one without a camera by its area alone."""
    if any(scope.everything for scope in scopes):
        return sa.true()
    prefixes = dict[str, int]()
    for prefix, classes in (pair for scope in scopes for pair in scope.areas):
        prefixes[prefix] = prefixes.get(prefix, 0) | classes
    found = []
    for prefix, classes in sorted(prefixes.items()):
        seen = ["", *(one.value for one in classes_of(classes))] if classes else []
        found.append(_alarm.area.startswith(prefix, autoescape=True) & _alarm.camera_class.in_(seen))
    return sa.or_(sa.false(), *found)


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
    owner: int | None = None
    behind: tuple[int, int] | None = None
    """Of a queue: priority and number of the last one that was read."""


def _wanted(scopes: Sequence[Scope], asked: Asked) -> sa.ColumnElement[bool]:
    where = _held(scopes)
    if asked.queue:
        where &= in_work() & (_alarm.priority > 0)  # which makes SQLite take the index that has the areas as well
    if asked.owner is not None:
        where &= _alarm.owner_id == asked.owner
    if asked.behind is not None:
        priority, id = asked.behind
        where &= (_alarm.priority > priority) | ((_alarm.priority == priority) & (_alarm.id > id))
    if asked.area:
        where &= _alarm.area.startswith(asked.area, autoescape=True)
    if asked.account:
        where &= _alarm.account == asked.account
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


async def one(tx: AsyncConnection, scopes: Sequence[Scope] | None, id: int) -> Alarm | None:
    """Within the scopes, None: anywhere; there may be none."""
    where = sa.true() if scopes is None else _held(scopes)
    row = (await tx.execute(sa.select(*_ALARM).where((_alarm.id == id) & where))).one_or_none()
    return None if row is None else Alarm(*row)
