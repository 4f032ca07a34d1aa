"""All SQL about when alarm hosts and their points are to be armed, what they told of it, and of which host something is said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.alarms.armed import CODES
from fengsui.features.alarms.arming import CATEGORY_OF, PRIORITY_OF, Lapse
from fengsui.features.alarms.model import Alarm, Arming
from fengsui.features.alarms.silence_queries import row_of
from fengsui.features.alarms.tables import alarm_arming, alarm_lapses, alarms
from fengsui.features.recording import Hours
from fengsui.store import SealedRow, insert_many_sealed, is_row_whole
from fengsui.wire.dc09.codes import Category

log = structlog.get_logger(__name__)
_plan, _lapse, _alarm = alarm_arming.c, alarm_lapses.c, alarms.c
_ALARM: Final = [_alarm[one.name] for one in fields(Alarm)]
OF_THE_HOST: Final = 0
"""In the place of a point: the plan of the host itself."""
Plans = dict[int, dict[int, Arming]]
"""By host, and by point."""


def written_out(hours: Sequence[Hours]) -> list[list[Any]]:
    """As they are stored."""
    return [[list(one.days), one.begin, one.end] for one in hours]


async def plans(tx: AsyncConnection, host: int | None = None) -> Plans:
    """Of a host, None: of all. A row that was changed past the node says nothing: what it would silence rings."""
    found: Plans = {}
    query = sa.select(alarm_arming).where(sa.true() if host is None else _plan.host_id == host)
    for row in (await tx.execute(query)).all():
        if (plan := _opened(row, whole=is_row_whole(tx, alarm_arming, row))) is not None:
            found.setdefault(row.host_id, {})[row.point_id] = plan
    return found


def _opened(row: SealedRow, *, whole: bool) -> Arming | None:
    if not whole:
        log.error("when an alarm point is to be armed is not as the node wrote it; its alarms ring", host=row.host_id)
        return None
    return Arming(tuple(Hours(tuple(days), begin, end) for days, begin, end in json.loads(row.hours)), row.grace_min)


async def write(tx: AsyncConnection, host: int, by_point: Mapping[int, Arming]) -> None:
    """In place of all that was said of this host and its points."""
    await remove(tx, host)
    rows = [
        {"host_id": host, "point_id": point, "hours": json.dumps(written_out(one.hours)), "grace_min": one.grace_min}
        for point, one in by_point.items()
    ]
    await insert_many_sealed(tx, alarm_arming, rows)


async def remove(tx: AsyncConnection, host: int) -> None:
    """Of all its points as well."""
    await tx.execute(sa.delete(alarm_arming).where(_plan.host_id == host))


async def last_armings(tx: AsyncConnection, upto: int | None = None) -> list[Alarm]:
    """Of each account and partition what told last that it is armed, or is not, up to a number, None: of all; in their order."""
    told = (_alarm.category == Category.OPEN_CLOSE) & _alarm.code.in_(CODES)
    if upto is not None:
        told &= _alarm.id <= upto
    last = sa.select(sa.func.max(_alarm.id)).where(told).group_by(_alarm.account, _alarm.section)
    query = sa.select(*_ALARM).where(_alarm.id.in_(last)).order_by(_alarm.id)
    return [Alarm(*row) for row in (await tx.execute(query)).all()]


class Told(NamedTuple):
    """What is said of a host, as it was called then."""

    host_id: int
    code: Lapse
    account: str
    site: str
    area: str


async def lapses(tx: AsyncConnection, hosts: Collection[int] | None = None) -> dict[int, Told]:
    """Those that are not over, by host. `hosts`: of these alone."""
    query = sa.select(*(_lapse[name] for name in Told._fields))
    if hosts is not None:
        query = query.where(_lapse.host_id.in_(list(hosts)))
    return {row.host_id: Told(*row) for row in (await tx.execute(query)).all()}


async def add_lapses(tx: AsyncConnection, some: Sequence[Told]) -> None:
    """At least one; a host has one that is not over."""
    await tx.execute(sa.insert(alarm_lapses), [one._asdict() for one in some])


async def end_lapses(tx: AsyncConnection, some: Sequence[Told]) -> None:
    """They are armed, or need not be any more, or are gone."""
    await tx.execute(sa.delete(alarm_lapses).where(_lapse.host_id.in_([one.host_id for one in some])))


def lapse_row(one: Told, change: str, now: float) -> dict[str, Any]:
    """The alarm about it, or about its end."""
    key = hashlib.sha256(f"arming {one.host_id} {one.code} {change} {now!r}".encode()).hexdigest()
    of = {"host_id": one.host_id, "account": one.account, "site": one.site, "body_key": key}
    return {**row_of(None, one.area, change, PRIORITY_OF[one.code], now), **of, "code": one.code, "category": CATEGORY_OF[one.code]}
