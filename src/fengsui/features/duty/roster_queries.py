"""SQL about versions of rosters and swaps. Times: seconds since 1970; a week is named by its first second."""

from __future__ import annotations

import json
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.duty.model import Slot
from fengsui.features.duty.queries import Row, slots_as_written
from fengsui.features.duty.roster_model import Swap, SwapState, Version, VersionLine, Week
from fengsui.features.duty.tables import roster_versions, slots, swaps
from fengsui.store import update_sealed


async def newest_version(tx: AsyncConnection, centre: int, week: Week) -> int:
    """0: the week's roster is a draft."""
    where = (roster_versions.c.centre == centre) & (roster_versions.c.week == week.key)
    found = (await tx.execute(sa.select(sa.func.max(roster_versions.c.version)).where(where))).scalar_one()
    return int(found or 0)


async def versions(tx: AsyncConnection, centre: int, week: Week, limit: int) -> list[Version]:
    """The newest first."""
    where = (roster_versions.c.centre == centre) & (roster_versions.c.week == week.key)
    query = sa.select(roster_versions).where(where).order_by(roster_versions.c.version.desc()).limit(limit)
    return [_version(row) for row in (await tx.execute(query)).all()]


def _version(row: Row) -> Version:
    lines = tuple(VersionLine(*one) for one in json.loads(row.slots))
    return Version(row.version, row.user_id, row.name, row.at, row.change, lines)


async def add_version(tx: AsyncConnection, centre: int, week: Week, one: Version) -> None:
    """Kept for good."""
    facts = {"version": one.version, "user_id": one.user_id, "name": one.name, "at": one.at, "change": one.change}
    lines = json.dumps(one.lines, ensure_ascii=False)
    await tx.execute(sa.insert(roster_versions).values(centre=centre, week=week.key, slots=lines, **facts))


async def confirm(tx: AsyncConnection, centre: int, week: Week) -> None:
    """Every line that begins within the week binds from now on."""
    within = (slots.c.since >= week.since) & (slots.c.since < week.until)
    await update_sealed(tx, slots, (slots.c.centre == centre) & within, {"confirmed": True})


async def slots_of(tx: AsyncConnection, centre: int, week: Week) -> list[Slot]:
    """Every line that begins within the week, by time and seat."""
    within = (slots.c.since >= week.since) & (slots.c.since < week.until)
    query = sa.select(slots).where((slots.c.centre == centre) & within).order_by(slots.c.since, slots.c.seat)
    return slots_as_written(tx, (await tx.execute(query)).all())


async def add_swap(tx: AsyncConnection, one: Swap) -> int:
    """Its number."""
    return int((await tx.execute(sa.insert(swaps).values(**_values(one)).returning(swaps.c.id))).scalar_one())


async def keep_swap(tx: AsyncConnection, one: Swap) -> None:
    """Its present state."""
    await tx.execute(sa.update(swaps).where(swaps.c.id == one.id).values(**_values(one)))


async def open_swaps(tx: AsyncConnection) -> list[Swap]:
    """Those that wait for somebody, the oldest first."""
    waiting = [SwapState.ASKED.value, SwapState.ACCEPTED.value]
    return _swaps((await tx.execute(sa.select(swaps).where(swaps.c.state.in_(waiting)).order_by(swaps.c.id))).all())


async def newest_swaps(tx: AsyncConnection, centre: int, limit: int) -> list[Swap]:
    """The newest first."""
    query = sa.select(swaps).where(swaps.c.centre == centre).order_by(swaps.c.id.desc()).limit(limit)
    return _swaps((await tx.execute(query)).all())


def _swaps(rows: Sequence[Row]) -> list[Swap]:
    names = ("id", "centre", "slot", "other_slot", "asked_by", "asked_of", "asked_at", "reason", "answered_at", "decided_by")
    more = ("decided_at", "note")
    return [Swap(**{name: getattr(row, name) for name in (*names, *more)}, state=SwapState(row.state)) for row in rows]


def _values(one: Swap) -> dict[str, object]:
    return {
        "centre": one.centre,
        "slot": one.slot,
        "other_slot": one.other_slot,
        "asked_by": one.asked_by,
        "asked_of": one.asked_of,
        "state": one.state.value,
        "asked_at": one.asked_at,
        "reason": one.reason,
        "answered_at": one.answered_at,
        "decided_by": one.decided_by,
        "decided_at": one.decided_at,
        "note": one.note,
    }
