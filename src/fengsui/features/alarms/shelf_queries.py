"""All SQL about what is shelved."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import CameraClass, Scope
from fengsui.features.alarms.model import LEAST_URGENT
from fengsui.features.alarms.queries import Source, Zone, in_work, source_columns
from fengsui.features.alarms.shelf_model import Key, Shelf, ShelfScope, key_of
from fengsui.features.alarms.tables import SHELVED, alarm_shelves, alarms

_alarm = alarms.c
_shelf = alarm_shelves.c
_HOLDING: Final[sa.ColumnElement[bool]] = sa.literal_column("ended_at IS NULL")
_SHELVED: Final[sa.ColumnElement[bool]] = sa.literal_column(SHELVED)
"""As the indexes have them, to the letter."""
_PART: Final = 500


class ShelfRow(NamedTuple):
    """As it is stored, without the source that it is of. Times: seconds since 1970."""

    id: int
    scope: str
    alarm_id: int
    area: str
    camera_class: str
    category: str
    priority: int
    named: str
    reason: str
    note: str
    from_at: float
    until_at: float
    by_id: int
    by_name: str
    ended_at: float | None
    ended_by: str

    def is_within(self, scope: Scope) -> bool:
        """Whether somebody sees what it is about."""
        return scope.holds(self.area, CameraClass(self.camera_class) if self.camera_class else None)


_ROW: Final = [_shelf[name] for name in ShelfRow._fields]


def _parts(ids: Collection[int]) -> Iterator[list[int]]:
    found = sorted(ids)
    for at in range(0, len(found), _PART):
        yield found[at : at + _PART]


async def holding(tx: AsyncConnection) -> dict[Key, Shelf]:
    """What is not over."""
    rows = (await tx.execute(sa.select(alarm_shelves).where(_HOLDING))).mappings().all()
    return {key_of(row["scope"], dict(row)): Shelf(*(row[name] for name in Shelf._fields)) for row in rows}


async def listed(tx: AsyncConnection) -> list[ShelfRow]:
    """What is not over, whatever ends first being first."""
    query = sa.select(*_ROW).where(_HOLDING).order_by(_shelf.until_at, _shelf.id)
    return [ShelfRow(*row) for row in (await tx.execute(query)).all()]


async def one(tx: AsyncConnection, id: int) -> ShelfRow | None:
    """Over or not; there may be none."""
    row = (await tx.execute(sa.select(*_ROW).where(_shelf.id == id))).one_or_none()
    return None if row is None else ShelfRow(*row)


async def add(tx: AsyncConnection, values: Mapping[str, Any]) -> int:
    """Its number."""
    return int((await tx.execute(sa.insert(alarm_shelves).values(**values).returning(_shelf.id))).scalar_one())


async def end(tx: AsyncConnection, id: int, at: float, by: str, why: str) -> bool:
    """False: it was over already."""
    done = await tx.execute(
        sa.update(alarm_shelves).where((_shelf.id == id) & _HOLDING).values(ended_at=at, ended_by=by, ended_why=why)
    )
    return done.rowcount == 1


class Held(NamedTuple):
    """What stands on a shelf: alarms, and all that came with those that count with them."""

    alarms: int
    signals: int


async def held(tx: AsyncConnection) -> dict[int, Held]:
    """By shelf; of one that holds nothing, nothing."""
    columns = [_alarm.shelf_id, sa.func.count(), sa.func.sum(_alarm.folded + 1)]
    rows = await tx.execute(sa.select(*columns).where(_SHELVED).group_by(_alarm.shelf_id))
    return {row[0]: Held(row[1], int(row[2])) for row in rows}


def _facts() -> list[sa.ColumnElement[Any]]:
    """By which a shelf holds an alarm, and what its site is called."""
    of = [one.label(name) for name, one in zip(Source._fields, source_columns(), strict=True)]
    return [*of, _alarm.site, _alarm.category]


async def facts_of(tx: AsyncConnection, id: int) -> Mapping[str, Any] | None:
    """By which a shelf is made from an alarm; there may be none."""
    row = (await tx.execute(sa.select(*_facts()).where(_alarm.id == id))).mappings().one_or_none()
    return None if row is None else dict(row)


async def sources_shelved(tx: AsyncConnection) -> dict[Source, int]:
    """Which alarm of each source stands on a shelf."""
    rows = (await tx.execute(sa.select(_alarm.id, *source_columns()).where(_SHELVED).order_by(_alarm.id))).all()
    return {Source(*row[1:]): row[0] for row in rows}


def _free(of: int) -> sa.ColumnElement[bool]:
    """Nobody has taken them, or this person, and nobody has said what is the matter."""
    return in_work() & ((_alarm.state == "open") | ((_alarm.state == "claimed") & (_alarm.owner_id == of)))


async def free_of(tx: AsyncConnection, of: int, scope: ShelfScope, facts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Of the queue, what may go on a shelf with an alarm of this host or device, or of this area."""
    where = _free(of) & (_alarm.area == facts["area"])
    if scope != "area":
        where &= (_alarm.host_id == facts["host_id"]) & (_alarm.device == facts["device"])
    columns = [_alarm.id, _alarm.priority.label("now"), *_facts()]
    rows = await tx.execute(sa.select(*columns).where(where))
    return [dict(row) for row in rows.mappings()]


async def put(tx: AsyncConnection, ids: Collection[int], of: int, shelf: int) -> list[int]:
    """Those that are free still go on the shelf: which. Their clocks end."""
    values = {"state": "shelved", "shelf_id": shelf, "owner_id": None, "owner": "", "claimed_at": None, "due_at": None}
    values |= {"step_by": None, "escalated": 0, "version": _alarm.version + 1}
    found: list[int] = []
    for some in _parts(ids):
        moved = sa.update(alarms).where(_free(of) & _alarm.id.in_(some)).values(values).returning(_alarm.id)
        found += (await tx.execute(moved)).scalars()
    return sorted(found)


async def on_shelf(tx: AsyncConnection, shelf: int) -> list[Mapping[str, Any]]:
    """The oldest first. `now`: its priority by now."""
    query = sa.select(_alarm.id, _alarm.priority.label("now"), *_facts()).where(_SHELVED & (_alarm.shelf_id == shelf))
    return [dict(row) for row in (await tx.execute(query.order_by(_alarm.id))).mappings()]


async def move(tx: AsyncConnection, ids: Collection[int], to: int) -> None:
    """Another shelf holds them as well."""
    for some in _parts(ids):
        await tx.execute(sa.update(alarms).where(_SHELVED & _alarm.id.in_(some)).values(shelf_id=to))


async def give_back(tx: AsyncConnection, ids: Collection[int], at: float, claimed: Sequence[float]) -> None:
    """To the queue, from now on with the clock of their priority."""
    due = sa.case({of: at + claimed[of - 1] for of in range(1, LEAST_URGENT + 1)}, value=_alarm.priority)
    values = {"state": "open", "queued_at": at, "due_at": due, "escalated": 0, "version": _alarm.version + 1}
    for some in _parts(ids):
        await tx.execute(sa.update(alarms).where(_SHELVED & _alarm.id.in_(some)).values(values))


async def end_active(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """`b_` and a name of `Zone`: what a host told to be over, of what is shelved."""
    where = sa.and_(_SHELVED, *(_alarm[name] == sa.bindparam(f"b_{name}") for name in Zone._fields))
    await tx.execute(sa.update(alarms).where(where).values(active=False), list(rows))
