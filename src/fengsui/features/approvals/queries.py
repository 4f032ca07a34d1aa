"""All SQL of requests."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.approvals.model import OPEN, State
from fengsui.features.approvals.tables import approval_openings, approval_requests
from fengsui.store import upsert

Row = sa.Row[Any]
_all = approval_requests.c
LISTED = [column for column in _all if column.name not in ("content", "told")]


async def add(tx: AsyncConnection, **facts: object) -> None:
    """A new request."""
    await tx.execute(sa.insert(approval_requests).values(**facts))


async def by_id(tx: AsyncConnection, request: str) -> Row | None:
    """The request, None when unknown."""
    return (await tx.execute(sa.select(approval_requests).where(_all.id == request))).first()


async def move(tx: AsyncConnection, request: str, come_from: State, go_to: State, **facts: object) -> bool:
    """Whether the request stood at `come_from`; it stands at `go_to` now. Two who try at once: one alone gets True."""
    where = (_all.id == request) & (_all.state == come_from.value)
    changed = await tx.execute(sa.update(approval_requests).where(where).values(state=go_to.value, **facts))
    return changed.rowcount == 1


async def still_open(tx: AsyncConnection) -> Sequence[Row]:
    """Every request that has not ended, the oldest first."""
    states = [state.value for state in OPEN]
    return (await tx.execute(sa.select(approval_requests).where(_all.state.in_(states)).order_by(_all.number))).all()


async def page(
    tx: AsyncConnection,
    states: Collection[State],
    *,
    kinds: Collection[str] = (),
    asked_by: int | None = None,
    but_of: int | None = None,
    before: int = 0,
    limit: int = 100,
) -> Sequence[Row]:
    """The newest first, without their contents, of `kinds` or of whoever asked; only numbers before `before`, 0: all."""
    statement = _where(sa.select(*LISTED), states, kinds, asked_by, but_of)
    if before:
        statement = statement.where(_all.number < before)
    rows: Sequence[Row] = (await tx.execute(statement.order_by(_all.number.desc()).limit(limit))).all()
    return rows


async def count(
    tx: AsyncConnection,
    states: Collection[State],
    *,
    kinds: Collection[str] = (),
    asked_by: int | None = None,
    but_of: int | None = None,
) -> int:
    """How many; `but_of`: not theirs."""
    statement = _where(sa.select(sa.func.count()).select_from(approval_requests), states, kinds, asked_by, but_of)
    return int((await tx.execute(statement)).scalar_one())


def _where(
    statement: sa.Select[Any], states: Collection[State], kinds: Collection[str], asked_by: int | None, but_of: int | None
) -> sa.Select[Any]:
    statement = statement.where(_all.state.in_([state.value for state in states]))
    statement = statement.where(_all.kind.in_(list(kinds)) if asked_by is None else _all.asked_by == asked_by)
    return statement if but_of is None else statement.where(_all.asked_by != but_of)


def _of_person(kind: str, asked_by: int, since: float) -> sa.ColumnElement[bool]:
    return (_all.kind == kind) & (_all.asked_by == asked_by) & (_all.asked_at >= since)


async def of_person(tx: AsyncConnection, kind: str, asked_by: int, since: float, *, before: int = 0, limit: int) -> Sequence[Row]:
    """What they asked for of a kind since then, with its contents, the newest first; only numbers before `before`, 0: all."""
    statement = sa.select(approval_requests).where(_of_person(kind, asked_by, since))
    if before:
        statement = statement.where(_all.number < before)
    rows: Sequence[Row] = (await tx.execute(statement.order_by(_all.number.desc()).limit(limit))).all()
    return rows


async def count_of_person(tx: AsyncConnection, kind: str, asked_by: int, since: float) -> int:
    """How many these are."""
    statement = sa.select(sa.func.count()).select_from(approval_requests).where(_of_person(kind, asked_by, since))
    return int((await tx.execute(statement)).scalar_one())


async def alive(tx: AsyncConnection, kind: str, states: Collection[State], since: float) -> Sequence[Row]:
    """All of a kind that stand so and were asked for since then, with their contents."""
    where = (_all.kind == kind) & _all.state.in_([state.value for state in states]) & (_all.asked_at >= since)
    rows: Sequence[Row] = (await tx.execute(sa.select(approval_requests).where(where).order_by(_all.number))).all()
    return rows


async def note_opening(tx: AsyncConnection, request: str, user_id: int, hash: str, at: float) -> None:
    """This person has had the full content before their eyes."""
    statement = upsert(tx, approval_openings, ("request", "user_id"), ("hash", "at"))
    await tx.execute(statement, {"request": request, "user_id": user_id, "hash": hash, "at": at})


async def opened_hash(tx: AsyncConnection, request: str, user_id: int) -> str:
    """The hash of the content that this person opened, empty for none."""
    where = (approval_openings.c.request == request) & (approval_openings.c.user_id == user_id)
    found = (await tx.execute(sa.select(approval_openings.c.hash).where(where))).scalar()
    return str(found or "")
