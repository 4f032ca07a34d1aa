"""All SQL about the points of alarm hosts: where they are, what looks at them, their tests and their signals."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.alarms.model import AlarmPoint, NewPoint, PointCamera
from fengsui.features.alarms.tables import alarm_point_facts, alarm_point_signals, alarm_point_tests, alarm_points
from fengsui.store import SealedRow, insert_sealed, is_row_whole, upsert

_point, _fact, _test, _signal = alarm_points.c, alarm_point_facts.c, alarm_point_tests.c, alarm_point_signals.c
_COLUMNS = (*alarm_points.c, _fact.longitude, _fact.latitude, _fact.cameras)
_OTHERS = (alarm_point_facts, alarm_point_tests, alarm_point_signals)


class Fact(NamedTuple):
    """What somebody said of a point beside its name."""

    longitude: float | None
    latitude: float | None
    cameras: str

    @classmethod
    def of(cls, one: NewPoint) -> Fact:
        return cls(one.longitude, one.latitude, json.dumps(one.cameras))


def _cameras(row: sa.Row[Any]) -> tuple[PointCamera, ...]:
    """A list that was changed past the node is none: the first camera stays."""
    first = (PointCamera(row.camera),) if row.camera else ()
    try:
        found = tuple(
            PointCamera(str(camera), None if preset is None else int(preset))
            for camera, preset in json.loads(row.cameras or "null")
        )
    except (TypeError, ValueError):
        return first
    return found if found and found[0].camera == row.camera else first


async def points(tx: AsyncConnection, host: int | None = None) -> list[AlarmPoint]:
    """Of a host, None: of all."""
    joined = alarm_points.outerjoin(alarm_point_facts, _fact.point_id == _point.id)
    query = sa.select(*_COLUMNS).select_from(joined).where(sa.true() if host is None else _point.host_id == host)
    rows = (await tx.execute(query.order_by(_point.host_id, _point.id))).all()
    return [
        AlarmPoint(row.id, row.host_id, row.zone, row.name, row.kind, _cameras(row), row.longitude, row.latitude) for row in rows
    ]


def _row(one: NewPoint) -> dict[str, Any]:
    first = one.cameras[0].camera if one.cameras else ""
    return {"zone": one.zone, "name": one.name, "kind": one.kind, "camera": first}


async def add(tx: AsyncConnection, host: int, some: Sequence[NewPoint]) -> dict[str, int]:
    """The numbers that they get, by their zones."""
    if not some:
        return {}
    insert = sa.insert(alarm_points).returning(_point.zone, _point.id)
    made = {zone: id for zone, id in await tx.execute(insert, [{"host_id": host, **_row(one)} for one in some])}
    facts = [{"point_id": made[one.zone], **Fact.of(one)._asdict()} for one in some]
    await tx.execute(sa.insert(alarm_point_facts), facts)
    return made


async def change(tx: AsyncConnection, before: AlarmPoint, one: NewPoint) -> None:
    """It keeps its number, by which its alarms know it."""
    await tx.execute(sa.update(alarm_points).where(_point.id == before.id).values(**_row(one)))
    values = {"point_id": before.id, **Fact.of(one)._asdict()}
    await tx.execute(upsert(tx, alarm_point_facts, ["point_id"], list(Fact._fields)), values)


async def leave_zones(tx: AsyncConnection, ids: Collection[int]) -> None:
    """They are given others next, of which some may be each other's."""
    for one in ids:
        await tx.execute(sa.update(alarm_points).where(_point.id == one).values(zone=f"~{one}"))


async def remove(tx: AsyncConnection, ids: Collection[int]) -> None:
    """Their alarms stay."""
    for one in _OTHERS:
        await tx.execute(sa.delete(one).where(one.c.point_id.in_(ids)))
    await tx.execute(sa.delete(alarm_points).where(_point.id.in_(ids)))


async def remove_all(tx: AsyncConnection, host: int) -> None:
    """Of a host."""
    mine = sa.select(_point.id).where(_point.host_id == host)
    for one in _OTHERS:
        await tx.execute(sa.delete(one).where(one.c.point_id.in_(mine)))
    await tx.execute(sa.delete(alarm_points).where(_point.host_id == host))


async def tests(tx: AsyncConnection, host: int | None = None) -> list[tuple[SealedRow, bool]]:
    """Each with whether the node wrote it so. Of a host, None: of all."""
    where = sa.true() if host is None else _test.host_id == host
    rows = (await tx.execute(sa.select(alarm_point_tests).where(where).order_by(_test.point_id))).all()
    return [(row, is_row_whole(tx, alarm_point_tests, row)) for row in rows]


async def begin_tests(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """In place of what stood there."""
    await tx.execute(sa.delete(alarm_point_tests).where(_test.point_id.in_([one["point_id"] for one in rows])))
    for one in rows:
        await insert_sealed(tx, alarm_point_tests, one)


async def end_tests(tx: AsyncConnection, host: int) -> None:
    """Of all its points."""
    await tx.execute(sa.delete(alarm_point_tests).where(_test.host_id == host))


async def end_old_tests(tx: AsyncConnection, now: float, begun_by: float) -> None:
    """Those that are over, and those that would begin later than `begun_by`: the clock was set back since, nobody knows how far."""
    await tx.execute(sa.delete(alarm_point_tests).where((_test.until <= now) | (_test.begun_at > begun_by)))


async def signals(tx: AsyncConnection) -> dict[int, float]:
    """When each point told something last."""
    return {row.point_id: row.at for row in (await tx.execute(sa.select(alarm_point_signals))).all()}


async def write_signals(tx: AsyncConnection, at: Mapping[int, float]) -> None:
    """Of at least one."""
    rows = [{"point_id": id, "at": one} for id, one in at.items()]
    await tx.execute(upsert(tx, alarm_point_signals, ["point_id"], ["at"]), rows)
