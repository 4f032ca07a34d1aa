"""All SQL of completeness. Times: seconds since 1970; days: `year-month-day` of the node's zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import CameraClass, CameraFacts, Scope
from fengsui.features.completeness.model import CAUSES, COUNTS_S, SEEN_S, Cause, DayFacts, Reason, Span
from fengsui.features.completeness.tables import (
    footage_area_days,
    footage_day_kinds,
    footage_day_parts,
    footage_days,
    footage_lapses,
    footage_runs,
)
from fengsui.store import upsert

Row = sa.Row[Any]
_parts = footage_day_parts.c
_days, _areas, _lapses, _runs = footage_days.c, footage_area_days.c, footage_lapses.c, footage_runs.c
RECKONED = sa.select(footage_days.c.camera)
"""Cameras of whose days it is known what was due."""
SUMS = ("due_s", *(f"{cause}_s" for cause in CAUSES), "filled_s")
AT_ONCE = 500
DAY_COLUMNS = tuple(column.name for column in footage_days.columns if not column.primary_key)


async def begin_run(tx: AsyncConnection, now: float, *, set_forward: float | None = None) -> None:
    """The node begins to record, or its clock was set: forward, while the run lasted that began at `set_forward`.

    What was not ended before lasted as long as its run is known to have lived.
    """
    lived = sa.select(sa.func.min(_runs.alive_until)).where((_runs.began <= _lapses.since) & (_runs.alive_until >= _lapses.since))
    ended = sa.func.coalesce(lived.scalar_subquery(), _lapses.since)
    await tx.execute(sa.update(footage_lapses).where(_lapses.until.is_(None)).values(until=ended))
    if set_forward is not None:
        other = footage_runs.alias().c
        passed = sa.exists().where((other.alive_until > _runs.alive_until) & (other.began != _runs.began) & (other.began < now))
        await tx.execute(sa.update(footage_runs).where((_runs.began == set_forward) & ~passed).values(clock_set=True))
    run = {"began": now, "alive_until": now, "clock_set": False}
    await tx.execute(upsert(tx, footage_runs, ["began"], ("alive_until", "clock_set")), [run])


async def note_alive(tx: AsyncConnection, began: float, now: float) -> None:
    """It still records."""
    await tx.execute(sa.update(footage_runs).where((_runs.began == began) & (_runs.alive_until < now)).values(alive_until=now))


async def runs(tx: AsyncConnection) -> list[Span]:
    """From when to when the node is known to have lived, ascending by their begin."""
    query = sa.select(_runs.began, _runs.alive_until).order_by(_runs.began)
    return [Span(row.began, row.alive_until) for row in (await tx.execute(query)).all()]


async def down_between(tx: AsyncConnection, since: float, until: float) -> tuple[list[Reason], list[Span]]:
    """When no run lived, after the first that is known; and what of that never was. That is told of a run alone that had lived long
    when its clock was set forward: one that was set soon after the start may have stood still while the node was down."""
    query = sa.select(_runs.began, _runs.alive_until, _runs.clock_set).order_by(_runs.began)
    down, leapt = list[Reason](), list[Span]()
    alive_until, never_was = inf, False
    for run in (await tx.execute(query)).all():
        if alive_until < run.began and run.began > since and alive_until < until:
            if never_was:
                leapt.append(Span(alive_until, run.began))
            else:
                down.append(Reason("node", alive_until, run.began))
        if alive_until == inf or run.alive_until > alive_until:
            alive_until, never_was = run.alive_until, run.clock_set and run.alive_until - run.began >= SEEN_S
    return down, leapt


async def keep_lapses(tx: AsyncConnection, rows: Sequence[Mapping[str, object]]) -> None:
    """`camera`, `since`, `until` (None: it lasts), `cause`."""
    if rows:
        await tx.execute(upsert(tx, footage_lapses, ["camera", "since"], ("until", "cause")), list(rows))


async def lapses(tx: AsyncConnection, cameras: Sequence[str], since: float, until: float) -> dict[str, list[Reason]]:
    """Of these cameras, by camera; one that lasts goes to `until`."""
    where = _lapses.camera.in_(cameras) & (_lapses.since < until) & (_lapses.until.is_(None) | (_lapses.until > since))
    found: dict[str, list[Reason]] = {}
    for row in (await tx.execute(sa.select(footage_lapses).where(where).order_by(_lapses.since))).all():
        found.setdefault(row.camera, []).append(Reason(row.cause, row.since, until if row.until is None else row.until))
    return found


async def settled(tx: AsyncConnection, cameras: Sequence[str], since: str, today: str) -> dict[str, str]:
    """Of these cameras: the last day that is over and reckoned. What is said of days to come is of a clock that was ahead."""
    where = _days.camera.in_(cameras) & (_days.day >= since) & (_days.day < today) & _days.settled
    query = sa.select(_days.camera, sa.func.max(_days.day)).where(where).group_by(_days.camera)
    return {row[0]: row[1] for row in (await tx.execute(query)).all()}


async def settle(tx: AsyncConnection, day: str, cameras: Sequence[str]) -> None:
    """The day is reckoned for good."""
    for at in range(0, len(cameras), AT_ONCE):
        some = _days.camera.in_(cameras[at : at + AT_ONCE])
        await tx.execute(sa.update(footage_days).where((_days.day == day) & some).values(settled=True))


async def keep_days(tx: AsyncConnection, rows: Sequence[Mapping[str, object]]) -> None:
    """As `row_of` makes them."""
    if not rows:
        return
    written = upsert(tx, footage_days, ["camera", "day"], DAY_COLUMNS)
    if tx.dialect.name != "sqlite":
        await tx.execute(written, list(rows))
        return
    # As the driver takes them: the values of a province's month need no look at their types.
    compiled = written.compile(dialect=tx.dialect)
    values = itemgetter(*(compiled.positiontup or ()))
    await tx.exec_driver_sql(str(compiled), [values(row) for row in rows])


async def keep_parts(tx: AsyncConnection, rows: Sequence[Mapping[str, object]], parts: Sequence[Mapping[str, object]]) -> None:
    """Of the days of `rows`, which were reckoned, those on which the camera came to another place: `parts`, and no others."""
    codes = list({str(row["camera"]) for row in rows})
    had = set((await tx.execute(sa.select(_parts.camera).where(_parts.camera.in_(codes)).distinct())).scalars())
    if old := [{"of": row["camera"], "on": row["day"]} for row in rows if row["camera"] in had]:
        this = (_parts.camera == sa.bindparam("of")) & (_parts.day == sa.bindparam("on"))
        await tx.execute(sa.delete(footage_day_parts).where(this), old)
    if parts:
        await tx.execute(sa.insert(footage_day_parts), list(parts))


def rows_of_parts(places: Sequence[CameraFacts], parts: Sequence[DayFacts]) -> list[dict[str, object]]:
    """A day's, ascending. The camera is counted once, where something was due of it last; seconds where they were due."""
    counted = max((at for at, part in enumerate(parts) if part.due_s > 0), default=-1)
    found = []
    for at, (facts, part) in enumerate(zip(places, parts, strict=True)):
        row = row_of(facts, part)
        for name in ("missing_s", "gaps", "settled"):
            del row[name]
        found.append({**row, "part": at, "cameras": int(at == counted)})
    return found


def row_of(facts: CameraFacts, day: DayFacts) -> dict[str, object]:
    """A camera's day as it is kept, until it is reckoned again or settled."""
    sums = {f"{cause}_s": day.missing.get(cause, 0.0) for cause in CAUSES}
    place = {"camera": facts.code, "area": facts.area, "camera_class": str(facts.camera_class)}
    sums["filled_s"] = day.filled_s
    return {**place, "day": day.day, "due_s": day.due_s, **sums, "missing_s": day.missing_s, "gaps": day.gaps, "settled": False}


def missing_in(row: Row) -> dict[Cause, float]:
    """Seconds by cause."""
    return {cause: seconds for cause in CAUSES if (seconds := getattr(row, f"{cause}_s")) > 0}


def facts_in(row: Row) -> DayFacts:
    """A camera's day as it is kept."""
    return DayFacts(row.day, row.due_s, row.gaps, missing_in(row), row.filled_s)


async def unsettle(tx: AsyncConnection, camera: str, day: str) -> None:
    """A camera's days from this one on are reckoned again."""
    where = (_days.camera == camera) & (_days.day >= day) & _days.settled
    await tx.execute(sa.update(footage_days).where(where).values(settled=False))


async def days_of(tx: AsyncConnection, camera: str, since: str, until: str) -> list[DayFacts]:
    """Those that are kept, both included, ascending."""
    where = (_days.camera == camera) & (_days.day >= since) & (_days.day <= until)
    query = sa.select(footage_days).where(where).order_by(_days.day)
    return [facts_in(row) for row in (await tx.execute(query)).all()]


async def first_recorded(tx: AsyncConnection, cameras: Sequence[str], since: str, today: str) -> dict[str, str]:
    """Camera → its first day before today on which something was recorded that was due."""
    found: dict[str, str] = {}
    for at in range(0, len(cameras), AT_ONCE):
        days = (_days.day >= since) & (_days.day < today) & (_days.due_s - _days.missing_s > COUNTS_S)  # a shorter gap is in no sum
        query = sa.select(_days.camera, sa.func.min(_days.day)).where(_days.camera.in_(cameras[at : at + AT_ONCE]) & days)
        found |= {row[0]: row[1] for row in (await tx.execute(query.group_by(_days.camera))).all()}
    return found


async def sum_areas(tx: AsyncConnection, days: Iterable[str]) -> None:
    """Makes the sums of these days anew: of a camera that came to another place in each by its hours there."""
    counted = ("cameras", "whole")
    for day in days:
        in_parts = sa.exists().where((_parts.camera == _days.camera) & (_parts.day == _days.day))
        one: sa.Label[int] = sa.literal_column("1").label("cameras")
        whole = sa.case((_days.missing_s > 0, 0), else_=1).label("whole")
        of_days = sa.select(_days.area, _days.camera_class, one, whole, *(_days[name] for name in SUMS))
        lacks = sa.case((_missing(_parts) > 0, 0), else_=_parts.cameras).label("whole")
        of_parts = sa.select(_parts.area, _parts.camera_class, _parts.cameras, lacks, *(_parts[name] for name in SUMS))
        every = sa.union_all(
            of_days.where((_days.day == day) & (_days.due_s > 0) & ~in_parts),
            of_parts.where((_parts.day == day) & (_parts.due_s > 0)),
        ).subquery()
        place = [every.c.area, every.c.camera_class]
        sums = [sa.func.sum(every.c[name]) for name in (*counted, *SUMS)]
        await tx.execute(sa.delete(footage_area_days).where(_areas.day == day))
        grouped = sa.select(sa.literal(day), *place, *sums).group_by(*place)
        names = ["day", "area", "camera_class", *counted, *SUMS]
        await tx.execute(sa.insert(footage_area_days).from_select(names, grouped))


def within_scope(scope: Scope, area: Any, camera_class: Any) -> sa.ColumnElement[bool]:
    """What of a table the scope holds."""
    if scope.everything:
        return sa.true()
    held = [
        area.startswith(prefix, autoescape=True)
        & camera_class.in_([str(one) for one in CameraClass if Scope(((prefix, bits),)).holds(prefix, one)])
        for prefix, bits in scope.areas
    ]
    return sa.or_(sa.false(), *held)


async def area_days(tx: AsyncConnection, scope: Scope, area: str, since: str, until: str, length: int) -> Sequence[Row]:
    """`part` (areas cut to `length` digits), `day`, cameras, whole, sums; by part and day. A camera that moved within a part is
    whole there if none of its hours in it lacks anything.
    """
    digits: sa.ColumnElement[int] = sa.literal_column(str(int(length)))
    first: sa.ColumnElement[int] = sa.literal_column("1")  # bound numbers would be two expressions for PostgreSQL
    part = sa.func.substr(_areas.area, first, digits).label("part")

    def seen(table: Any) -> sa.ColumnElement[bool]:
        days: sa.ColumnElement[bool] = (table.day >= since) & (table.day <= until)
        there: sa.ColumnElement[bool] = table.area.startswith(area, autoescape=True)
        return days & there & within_scope(scope, table.area, table.camera_class)

    counted, other = footage_day_parts.alias("counted").c, footage_day_parts.alias("other").c
    same = (other.camera == counted.camera) & (other.day == counted.day) & (other.cameras == 0)
    within = sa.func.substr(other.area, first, digits) == sa.func.substr(counted.area, first, digits)
    lacks_before = sa.exists().where(same & within & (_missing(other) > 0) & seen(other))
    of_moved = sa.select(sa.func.substr(counted.area, first, digits).label("part"), counted.day)
    of_moved = of_moved.where(seen(counted) & (counted.cameras == 1) & (_missing(counted) == 0) & lacks_before)
    each = of_moved.subquery()
    moved = sa.select(each, sa.func.count().label("torn")).group_by(each.c.part, each.c.day).subquery()

    sums = [sa.func.sum(_areas[name]).label(name) for name in ("cameras", "whole", *SUMS)]
    told = sa.select(part, _areas.day, *sums).where(seen(_areas)).group_by(part, _areas.day).subquery()
    whole = (told.c.whole - sa.func.coalesce(moved.c.torn, 0)).label("whole")
    columns = [whole if column.name == "whole" else column for column in told.c]
    joined = told.outerjoin(moved, (moved.c.part == told.c.part) & (moved.c.day == told.c.day))
    query = sa.select(*columns).select_from(joined).order_by(told.c.part, told.c.day)
    return (await tx.execute(query)).all()


def _missing(table: Any) -> sa.ColumnElement[float]:
    return sum((table[f"{cause}_s"] for cause in CAUSES), sa.literal(0.0))


async def worst(tx: AsyncConnection, scope: Scope, area: str, day: str, limit: int) -> Sequence[Row]:
    """The cameras of a day that lack the most."""
    where = (_days.day == day) & (_days.missing_s > 0) & _days.area.startswith(area, autoescape=True)
    query = sa.select(footage_days).where(where & within_scope(scope, _days.area, _days.camera_class))
    return (await tx.execute(query.order_by(_days.missing_s.desc(), _days.camera).limit(limit))).all()


async def day_kinds(tx: AsyncConnection, before: str) -> dict[str, int]:
    """Day → what kind it was when it was recorded, of those before this one."""
    kinds = footage_day_kinds.c
    query = sa.select(kinds.day, kinds.kind).where(kinds.day < before)
    return {row.day: row.kind for row in (await tx.execute(query)).all()}


async def keep_day_kinds(tx: AsyncConnection, kinds: Mapping[str, int]) -> None:
    """Instead of what was said before."""
    if kinds:
        rows = [{"day": day, "kind": kind} for day, kind in kinds.items()]
        await tx.execute(upsert(tx, footage_day_kinds, ["day"], ("kind",)), rows)


async def forget(tx: AsyncConnection, before: float, day: str) -> None:
    """What is older than anybody asks for."""
    await tx.execute(sa.delete(footage_lapses).where(_lapses.until < before))
    newest = sa.select(sa.func.max(_runs.began)).scalar_subquery()
    await tx.execute(sa.delete(footage_runs).where((_runs.alive_until < before) & (_runs.began < newest)))
    await tx.execute(sa.delete(footage_days).where(_days.day < day))
    await tx.execute(sa.delete(footage_day_parts).where(_parts.day < day))
    await tx.execute(sa.delete(footage_day_kinds).where(footage_day_kinds.c.day < day))
    await tx.execute(sa.delete(footage_area_days).where(_areas.day < day))
