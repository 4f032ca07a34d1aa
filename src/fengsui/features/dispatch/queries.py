"""All SQL about units and tasks."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import Scope
from fengsui.features.dispatch.model import PHOTO, Locator, Status, Task, TaskState, Unit, UnitKind, photos_of
from fengsui.features.dispatch.tables import incident_tasks, patrol_crews, patrol_units

_unit = patrol_units.c
_task = incident_tasks.c
_crew = patrol_crews.c


def _as_unit(row: sa.Row[Any]) -> Unit:
    names = tuple(json.loads(row.members))
    place = row.longitude, row.latitude, row.position_at
    locator = Locator(row.locator_device, row.locator) if row.locator else None
    facts = names, row.area, Status(row.status), *place, row.task, row.version, locator
    return Unit(row.id, row.call_sign, UnitKind(row.kind), *facts)


def _unit_row(one: Unit) -> dict[str, Any]:
    return {
        **{"call_sign": one.call_sign, "kind": one.kind.value, "status": one.status.value, "area": one.area, "task": one.task},
        **{"members": json.dumps(one.members, ensure_ascii=False), "longitude": one.longitude, "latitude": one.latitude},
        **{"position_at": one.position_at, "version": one.version},
        **dict(zip(("locator_device", "locator"), one.locator or ("", ""), strict=True)),
    }


def _held(scopes: Sequence[Scope]) -> sa.ColumnElement[bool]:
    if any(scope.everything for scope in scopes):
        return sa.true()
    prefixes = sorted({prefix for scope in scopes for prefix, _ in scope.areas})
    return sa.or_(sa.false(), *(_unit.area.startswith(prefix, autoescape=True) for prefix in prefixes))


async def units(tx: AsyncConnection, scopes: Sequence[Scope], *, area: str = "", status: str = "") -> list[Unit]:
    """By call sign."""
    where = _held(scopes) & _unit.area.startswith(area, autoescape=True)
    if status:
        where &= _unit.status == status
    return [_as_unit(row) for row in (await tx.execute(sa.select(patrol_units).where(where).order_by(_unit.call_sign))).all()]


async def unit(tx: AsyncConnection, scopes: Sequence[Scope], id: int) -> Unit | None:
    """Within the scopes; None: there is none."""
    row = (await tx.execute(sa.select(patrol_units).where((_unit.id == id) & _held(scopes)))).one_or_none()
    return None if row is None else _as_unit(row)


async def named(tx: AsyncConnection, call_sign: str) -> bool:
    """Whether some unit has this call sign."""
    return (await tx.execute(sa.select(_unit.id).where(_unit.call_sign == call_sign))).first() is not None


async def located(tx: AsyncConnection) -> list[Unit]:
    """Units that are where a device is, by number."""
    rows = (await tx.execute(sa.select(patrol_units).where(_unit.locator != "").order_by(_unit.id))).all()
    return [_as_unit(row) for row in rows]


async def call_signs(tx: AsyncConnection, ids: Collection[int]) -> dict[int, str]:
    """Of units, for lists."""
    rows = (await tx.execute(sa.select(_unit.id, _unit.call_sign).where(_unit.id.in_(list(ids))))).all()
    return {row.id: row.call_sign for row in rows}


async def add_unit(tx: AsyncConnection, one: Unit) -> int:
    """Its id."""
    return int((await tx.execute(sa.insert(patrol_units).values(_unit_row(one)).returning(_unit.id))).scalar_one())


async def keep_unit(tx: AsyncConnection, one: Unit) -> None:
    """All but where it is."""
    row = {name: value for name, value in _unit_row(one).items() if name not in ("longitude", "latitude", "position_at")}
    await tx.execute(sa.update(patrol_units).where(_unit.id == one.id).values(row))


async def keep_position(tx: AsyncConnection, id: int, longitude: float, latitude: float, at: float) -> bool:
    """Where it is now; False: a newer one is known."""
    where = (_unit.id == id) & (_unit.position_at < at)
    values = {"longitude": longitude, "latitude": latitude, "position_at": at}
    return (await tx.execute(sa.update(patrol_units).where(where).values(values))).rowcount == 1


async def unit_of(tx: AsyncConnection, user_id: int) -> Unit | None:
    """In whose crew somebody is; None: in none."""
    query = sa.select(patrol_units).join(patrol_crews, _crew.unit == _unit.id).where(_crew.user_id == user_id)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _as_unit(row)


async def crews(tx: AsyncConnection, units: Collection[int]) -> dict[int, list[int]]:
    """Users by unit, each in the order of their ids."""
    query = sa.select(patrol_crews).where(_crew.unit.in_(list(units))).order_by(_crew.user_id)
    found: dict[int, list[int]] = {one: [] for one in units}
    for row in (await tx.execute(query)).all():
        found[row.unit].append(row.user_id)
    return found


async def units_left(tx: AsyncConnection, unit: int, users: Collection[int]) -> dict[int, list[int]]:
    """Which of these users are in another unit than this one, by that unit."""
    query = sa.select(patrol_crews).where(_crew.user_id.in_(list(users)) & (_crew.unit != unit)).order_by(_crew.user_id)
    found: dict[int, list[int]] = {}
    for row in (await tx.execute(query)).all():
        found.setdefault(row.unit, []).append(row.user_id)
    return found


async def keep_crew(tx: AsyncConnection, unit: int, users: Collection[int]) -> None:
    """These and nobody else; whoever was in another unit leaves it."""
    await tx.execute(sa.delete(patrol_crews).where((_crew.unit == unit) | _crew.user_id.in_(list(users))))
    if users:
        await tx.execute(sa.insert(patrol_crews), [{"user_id": one, "unit": unit} for one in sorted(users)])


def _as_task(row: sa.Row[Any]) -> Task:
    order = row.order_text, row.need_feedback, row.priority
    said = row.sent_by, row.reason, row.feedback, row.overdue, json.loads(row.step_keys or "{}")
    return Task(row.id, row.incident, row.unit, *order, TaskState(row.state), json.loads(row.stamps), *said)


def _task_row(one: Task) -> dict[str, Any]:
    return {
        **{"incident": one.incident, "unit": one.unit, "priority": one.priority, "order_text": one.order},
        **{"need_feedback": one.need_feedback, "state": one.state.value, "is_running": one.is_running},
        **{"stamps": json.dumps(dict(one.stamps)), "reason": one.reason, "feedback": one.feedback, "overdue": one.overdue},
        "step_keys": json.dumps(dict(one.keys)),
        **{"sent_by": one.sent_by, "sent_at": one.stamps[TaskState.SENT]},
    }


async def add_task(tx: AsyncConnection, one: Task) -> int:
    """Its id."""
    return int((await tx.execute(sa.insert(incident_tasks).values(_task_row(one)).returning(_task.id))).scalar_one())


async def keep_task(tx: AsyncConnection, one: Task) -> None:
    """Its new state."""
    await tx.execute(sa.update(incident_tasks).where(_task.id == one.id).values(_task_row(one)))


async def task(tx: AsyncConnection, id: int) -> Task | None:
    """Whoever asks; None: there is none."""
    row = (await tx.execute(sa.select(incident_tasks).where(_task.id == id))).one_or_none()
    return None if row is None else _as_task(row)


async def tasks_of(tx: AsyncConnection, incident: int, since: float = 0.0) -> list[Task]:
    """Sent since then, the oldest first."""
    query = sa.select(incident_tasks).where((_task.incident == incident) & (_task.sent_at >= since)).order_by(_task.id)
    return [_as_task(row) for row in (await tx.execute(query)).all()]


async def running(tx: AsyncConnection) -> list[Task]:
    """All that units work on."""
    return [_as_task(row) for row in (await tx.execute(sa.select(incident_tasks).where(_task.is_running))).all()]


async def at_work(tx: AsyncConnection) -> list[tuple[int, Task]]:
    """Users in the crews of units that have accepted a task, each with it."""
    accepted = _task.is_running & (_task.state != TaskState.SENT.value)
    query = sa.select(incident_tasks, _crew.user_id).join(patrol_crews, _crew.unit == _task.unit).where(accepted)
    return [(row.user_id, _as_task(row)) for row in (await tx.execute(query.order_by(_crew.user_id))).all()]


_HAS_PHOTOS = _task.step_keys.contains(f'"{PHOTO}', autoescape=True)


async def with_photos(tx: AsyncConnection, sent_before: float, after: int, most: int) -> list[Task]:
    """By number, above that one; one of them may have none after all."""
    where = _HAS_PHOTOS & (_task.sent_at < sent_before) & (_task.id > after)
    return [
        _as_task(row) for row in (await tx.execute(sa.select(incident_tasks).where(where).order_by(_task.id).limit(most))).all()
    ]


async def photo_names(tx: AsyncConnection) -> set[str]:
    """Of all tasks."""
    rows = (await tx.execute(sa.select(incident_tasks).where(_HAS_PHOTOS))).all()
    return {name for row in rows for name in photos_of(_as_task(row))}


async def sent_since(tx: AsyncConnection, scopes: Sequence[Scope], area: str, since: float, most: int) -> list[Task]:
    """Of units of these areas, the newest first."""
    where = _held(scopes) & _unit.area.startswith(area, autoescape=True) & (_task.sent_at >= since)
    query = sa.select(incident_tasks).join(patrol_units, _unit.id == _task.unit).where(where).order_by(_task.sent_at.desc())
    return [_as_task(row) for row in (await tx.execute(query.limit(most))).all()]
