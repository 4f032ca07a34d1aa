"""All SQL about duty and emergency access. Times: seconds since 1970."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.duty.hours import Span
from fengsui.features.duty.model import LASTING, Centre, Extension, Following, Permit, Shift, ShiftState, Slot
from fengsui.features.duty.tables import centres, emergencies, following_centres, permits, shifts, slots
from fengsui.store import insert_sealed, is_row_whole, update_sealed

Row = sa.Row[Any]
CENTRE_AREAS = sa.select(centres.c.area).where(centres.c.removed_at == 0)
"""Where duty is kept."""


async def all_centres(tx: AsyncConnection) -> list[Centre]:
    """Those that are not removed, by area and name; one that was removed past the node is not."""
    rows = (await tx.execute(sa.select(centres).order_by(centres.c.area, centres.c.name))).all()
    kept = (row for row in rows if row.removed_at == 0 or not is_row_whole(tx, centres, row))
    follow = (await tx.execute(sa.select(following_centres))).all()
    after = {
        row.centre: Following(row.following, row.after_s, row.since) for row in follow if is_row_whole(tx, following_centres, row)
    }
    return [Centre(row.id, row.name, row.area, row.seats, row.min_staff, after.get(row.id)) for row in kept]


async def set_following(tx: AsyncConnection, centre: int, following: Following | None) -> None:
    """None: its alarms stay."""
    await tx.execute(sa.delete(following_centres).where(following_centres.c.centre == centre))
    if following is not None:
        facts = {"following": following.centre, "after_s": following.after_s, "since": following.since}
        await insert_sealed(tx, following_centres, {"centre": centre, **facts})


async def last_ends(tx: AsyncConnection) -> dict[int, float]:
    """By centre, when the last shift there ended."""
    rows = await tx.execute(sa.select(shifts.c.centre, sa.func.max(shifts.c.ended_at)).group_by(shifts.c.centre))
    return {row[0]: float(row[1]) for row in rows}


async def add_centre(tx: AsyncConnection, **facts: object) -> int:
    """Its number."""
    return int((await insert_sealed(tx, centres, {**facts, "removed_at": 0.0})).id)


async def remove_centre(tx: AsyncConnection, centre: int, now: float) -> None:
    """It stays in the records, and passes nothing on."""
    await set_following(tx, centre, None)
    await update_sealed(tx, centres, centres.c.id == centre, {"removed_at": now}, take_over=True)


async def slots_between(tx: AsyncConnection, since: float, until: float) -> list[Slot]:
    """Slots that touch the span, by time."""
    query = sa.select(slots).where((slots.c.since < until) & (slots.c.until > since)).order_by(slots.c.since, slots.c.seat)
    return slots_as_written(tx, (await tx.execute(query)).all())


def slots_as_written(tx: AsyncConnection, rows: Iterable[Row]) -> list[Slot]:
    """A line that the node did not write so binds, and lets nobody sit there: as if none were, the seat would be free for all."""
    return [
        Slot(row.id, row.centre, row.seat, row.user_id, row.since, row.until, row.confirmed)
        if is_row_whole(tx, slots, row)
        else Slot(row.id, row.centre, row.seat, 0, row.since, row.until, confirmed=True)
        for row in rows
    ]


def _facts(one: Slot) -> dict[str, object]:
    who_when = {"user_id": one.user_id, "since": one.since, "until": one.until}
    return {"centre": one.centre, "seat": one.seat, **who_when, "confirmed": one.confirmed}


async def add_slot(tx: AsyncConnection, one: Slot) -> int:
    """Its number."""
    return int((await insert_sealed(tx, slots, _facts(one))).id)


async def slot(tx: AsyncConnection, number: int) -> Slot | None:
    """One line; None when there is none."""
    rows = (await tx.execute(sa.select(slots).where(slots.c.id == number))).all()
    return next(iter(slots_as_written(tx, rows)), None)


async def change_slot(tx: AsyncConnection, one: Slot) -> None:
    """Another person, seat or time: all of it is decided anew."""
    await update_sealed(tx, slots, slots.c.id == one.id, _facts(one), take_over=True)


async def remove_slot(tx: AsyncConnection, slot: int) -> None:
    """Idempotent."""
    await tx.execute(sa.delete(slots).where(slots.c.id == slot))


def _shift(row: Row) -> Shift:
    return Shift(
        id=row.id,
        centre=row.centre,
        seat=row.seat,
        user_id=row.user_id,
        name=row.name,
        since=row.since,
        until=row.until,
        state=ShiftState(row.state),
        ended_at=row.ended_at,
        successor=row.successor,
        remarks=row.remarks,
        ended_by=row.ended_by,
        matters=json.loads(row.matters),
        due=row.due,
        extensions=tuple(Extension(*one) for one in json.loads(row.extensions)),
    )


def _values(one: Shift) -> dict[str, object]:
    return {
        "centre": one.centre,
        "seat": one.seat,
        "user_id": one.user_id,
        "name": one.name,
        "since": one.since,
        "until": one.until,
        "state": one.state.value,
        "ended_at": one.ended_at,
        "successor": one.successor,
        "remarks": one.remarks,
        "ended_by": one.ended_by,
        "matters": json.dumps(one.matters, ensure_ascii=False),
        "due": one.due,
        "extensions": json.dumps(one.extensions, ensure_ascii=False),
    }


async def shifts_on(tx: AsyncConnection) -> list[Shift]:
    """Shifts that last, as the node wrote them: another row opens nothing."""
    where = shifts.c.state.in_([one.value for one in LASTING])
    rows = (await tx.execute(sa.select(shifts).where(where).order_by(shifts.c.id))).all()
    return [_shift(row) for row in rows if is_row_whole(tx, shifts, row)]


async def past_shifts(tx: AsyncConnection, centre: int, limit: int) -> list[Shift]:
    """The newest first."""
    query = sa.select(shifts).where(shifts.c.centre == centre).order_by(shifts.c.id.desc()).limit(limit)
    return [_shift(row) for row in (await tx.execute(query)).all()]


async def ended_by_others(tx: AsyncConnection, since: float) -> list[Shift]:
    """Shifts that somebody else or the node ended since then, each person's last one alone, and nobody's who is on duty again."""
    where = (shifts.c.ended_at > since) | shifts.c.state.in_([one.value for one in LASTING])
    rows = (await tx.execute(sa.select(shifts).where(where).order_by(shifts.c.id))).all()
    last = {row.user_id: row for row in rows}
    return [_shift(row) for row in last.values() if row.state == ShiftState.ENDED.value]


async def add_shift(tx: AsyncConnection, one: Shift) -> int:
    """Its number."""
    return int((await insert_sealed(tx, shifts, _values(one))).id)


async def keep_shift(tx: AsyncConnection, one: Shift) -> None:
    """Its present state."""
    await update_sealed(tx, shifts, shifts.c.id == one.id, _values(one), take_over=True)


async def worked(tx: AsyncConnection, user_id: int, now: float, back_s: float) -> list[Span]:
    """When somebody was on duty, wherever, of what ended `back_s` before `now` or later; what lasts counts until `now`."""
    where = (shifts.c.user_id == user_id) & ((shifts.c.ended_at == 0) | (shifts.c.ended_at > now - back_s))
    rows = (await tx.execute(sa.select(shifts.c.since, shifts.c.ended_at).where(where))).all()
    return [Span(row.since, row.ended_at or now) for row in rows]


async def add_permit(tx: AsyncConnection, centre: int, one: Permit) -> None:
    """A supervisor's word that somebody may sign on there."""
    word = {"given_by": one.word.by, "name": one.word.name, "given_at": one.word.at, "until": one.word.until}
    values = {"centre": centre, "user_id": one.user_id, "person": one.person, "reason": one.word.reason, **word}
    await insert_sealed(tx, permits, values)


async def permits_in_force(tx: AsyncConnection, now: float) -> list[tuple[int, Permit]]:
    """With the centre, as the node wrote them; the newest last."""
    rows = (await tx.execute(sa.select(permits).where(permits.c.until > now).order_by(permits.c.id))).all()
    return [
        (row.centre, Permit(row.user_id, row.person, Extension(row.given_by, row.name, row.given_at, row.until, row.reason)))
        for row in rows
        if is_row_whole(tx, permits, row)
    ]


async def permit_in_force(tx: AsyncConnection, centre: int, user_id: int, now: float) -> Extension | None:
    """The newest of somebody at a centre."""
    mine = [one.word for of, one in await permits_in_force(tx, now) if (of, one.user_id) == (centre, user_id)]
    return mine[-1] if mine else None


async def add_emergency(tx: AsyncConnection, **facts: object) -> int:
    """Its number."""
    rest = {
        **{"judge": 0, "verdict": "", "reported_at": 0.0, "judged_at": 0.0, "report": "", "note": ""},
        **{"restored_by": 0, "restored_at": 0.0, "restored_note": ""},
    }
    return int((await insert_sealed(tx, emergencies, {**rest, **facts})).id)


async def change_emergency(tx: AsyncConnection, number: int, *, take_over: bool = False, **facts: object) -> None:
    """Some of its columns. `take_over`: as `update_sealed`."""
    await update_sealed(tx, emergencies, emergencies.c.id == number, facts, take_over=take_over)


async def broken_emergencies(tx: AsyncConnection) -> Sequence[Row]:
    """Those that were changed past the node."""
    rows = (await tx.execute(sa.select(emergencies).order_by(emergencies.c.id))).all()
    return [row for row in rows if not is_row_whole(tx, emergencies, row)]


async def judge_emergency(tx: AsyncConnection, number: int, **facts: object) -> None:
    """The one verdict: one that stands is not written over."""
    mine = (emergencies.c.id == number) & (emergencies.c.judged_at == 0)
    await update_sealed(tx, emergencies, mine, facts)


async def open_emergencies(tx: AsyncConnection) -> Sequence[Row]:
    """Those without a verdict, the oldest first."""
    return (await tx.execute(sa.select(emergencies).where(emergencies.c.judged_at == 0).order_by(emergencies.c.id))).all()


async def suspending_emergencies(tx: AsyncConnection, verdict: str) -> Sequence[Row]:
    """Those with this verdict of which nobody has entered what followed, the oldest first."""
    where = (emergencies.c.verdict == verdict) & (emergencies.c.restored_at == 0)
    return (await tx.execute(sa.select(emergencies).where(where).order_by(emergencies.c.id))).all()


async def emergency(tx: AsyncConnection, number: int) -> Row | None:
    """One; None when there is none."""
    return (await tx.execute(sa.select(emergencies).where(emergencies.c.id == number))).first()


async def newest_emergencies(tx: AsyncConnection, limit: int, before: int = 0) -> Sequence[Row]:
    """The newest first; only those before id `before`, 0: all."""
    chosen = sa.select(emergencies).where(emergencies.c.id < before) if before else sa.select(emergencies)
    return (await tx.execute(chosen.order_by(emergencies.c.id.desc()).limit(limit))).all()
