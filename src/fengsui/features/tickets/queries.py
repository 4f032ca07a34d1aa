"""All SQL about use tickets. Times: seconds since 1970."""

from __future__ import annotations

import hmac
import json
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.policy import Purpose
from fengsui.features.tickets.model import Bounds, Match, UseTicket
from fengsui.features.tickets.tables import ticket_notes, ticket_reviews, use_tickets
from fengsui.store import insert_sealed, is_row_whole, update_sealed

Row = sa.Row[Any]
OPEN_TICKETS = sa.select(use_tickets).where(use_tickets.c.newest & (use_tickets.c.closed_at == 0)).order_by(use_tickets.c.number)
"""Those that nobody has closed, expired or not."""
TICKET_ROWS = sa.select(use_tickets.c.number, use_tickets.c.version)
"""Every version that was written."""
UNMATCHED = use_tickets.c.newest & (use_tickets.c.matched == Match.UNMATCHED.value)


def _ticket(row: Row) -> UseTicket:
    bounds = Bounds(frozenset(json.loads(row.cameras)), row.area, row.since, row.until, row.classes)
    return UseTicket(
        number=row.number,
        version=row.version,
        user_id=row.user_id,
        purpose=Purpose(row.purpose),
        case_number=row.case_number,
        legal_basis=row.legal_basis,
        bounds=bounds,
        opens=frozenset(row.opens.split()),
        opened_at=row.opened_at,
        expires_at=row.expires_at,
        closed_at=row.closed_at,
        match=Match(row.matched),
        automatic=row.automatic,
        reason=row.reason,
        looked_up_at=row.looked_up_at,
    )


async def open_tickets(tx: AsyncConnection, now: float, key: bytes) -> tuple[list[UseTicket], list[str]]:
    """Every ticket in force, the newest last, and the numbers of those that the database says are in force and the node did not
    write so: another seal, or an older version put in the place of the newest.
    """
    where = use_tickets.c.newest & (use_tickets.c.closed_at == 0) & (use_tickets.c.expires_at > now)
    rows = (await tx.execute(sa.select(use_tickets).where(where).order_by(use_tickets.c.opened_at))).all()
    same = use_tickets.c.number.in_(sa.select(use_tickets.c.number).where(where))
    versions = sa.select(use_tickets.c.number, sa.func.max(use_tickets.c.version)).where(same).group_by(use_tickets.c.number)
    newest = {str(number): int(version) for number, version in (await tx.execute(versions)).all()}
    whole = [row for row in rows if is_whole(row, key) and row.version == newest[row.number]]
    kept = {row.number for row in whole}
    return [_ticket(row) for row in whole], sorted({row.number for row in rows} - kept)


def is_whole(row: Row, key: bytes) -> bool:
    """Whether the row is what the node wrote."""
    try:
        return hmac.compare_digest(_ticket(row).seal(key), row.seal)
    except (ValueError, TypeError):
        return False


async def tickets_of(tx: AsyncConnection, user_id: int, limit: int) -> list[UseTicket]:
    """A person's tickets, the newest first."""
    query = sa.select(use_tickets).where(use_tickets.c.newest & (use_tickets.c.user_id == user_id))
    return [_ticket(row) for row in (await tx.execute(query.order_by(use_tickets.c.opened_at.desc()).limit(limit))).all()]


async def ticket(tx: AsyncConnection, number: str, key: bytes | None = None) -> UseTicket | None:
    """Its newest version; with `key` only when it is what the node wrote."""
    query = sa.select(use_tickets).where(use_tickets.c.number == number).order_by(use_tickets.c.version.desc())
    row = (await tx.execute(query.limit(1))).first()
    return None if row is None or (key is not None and not is_whole(row, key)) else _ticket(row)


async def last_number(tx: AsyncConnection, like: str) -> str:
    """The highest number that begins so; empty when there is none."""
    found = sa.select(sa.func.max(use_tickets.c.number)).where(use_tickets.c.number.like(f"{like}%"))
    return str((await tx.execute(found)).scalar_one() or "")


async def add(tx: AsyncConnection, one: UseTicket, key: bytes) -> None:
    """A first or another version, which is the newest from now on."""
    older = sa.update(use_tickets).where(use_tickets.c.number == one.number).values(newest=False)
    await tx.execute(older)
    values = {
        "number": one.number,
        "version": one.version,
        "user_id": one.user_id,
        "purpose": one.purpose.value,
        "case_number": one.case_number,
        "matched": one.match.value,
        "legal_basis": one.legal_basis,
        "reason": one.reason,
        "cameras": json.dumps(sorted(one.bounds.cameras)),
        "area": one.bounds.area,
        "classes": one.bounds.classes,
        "opens": " ".join(sorted(one.opens)),
        "automatic": one.automatic,
        "since": one.bounds.since,
        "until": one.bounds.until,
        "opened_at": one.opened_at,
        "expires_at": one.expires_at,
        "closed_at": one.closed_at,
        "looked_up_at": one.looked_up_at,
        "newest": True,
        "seal": one.seal(key),
    }
    await insert_sealed(tx, use_tickets, values)


async def close(tx: AsyncConnection, one: UseTicket, key: bytes) -> None:
    """`one`: the newest version with its end. Idempotent."""
    same = (use_tickets.c.number == one.number) & (use_tickets.c.closed_at == 0)
    older = use_tickets.c.version != one.version
    await tx.execute(sa.update(use_tickets).where(same & ~older).values(closed_at=one.closed_at, seal=one.seal(key)))


async def to_look_up(tx: AsyncConnection) -> list[UseTicket]:
    """Tickets whose case number no register has confirmed yet."""
    where = use_tickets.c.newest & use_tickets.c.matched.in_((Match.WAITING.value, Match.UNKNOWN.value, Match.UNMATCHED.value))
    return [_ticket(row) for row in (await tx.execute(sa.select(use_tickets).where(where))).all()]


async def set_match(tx: AsyncConnection, number: str, match: Match, now: float) -> None:
    """What the register said."""
    where = use_tickets.c.newest & (use_tickets.c.number == number)
    await update_sealed(tx, use_tickets, where, {"matched": match.value, "looked_up_at": now})


async def distrust_match(tx: AsyncConnection, number: str, version: int) -> None:
    """What the register said of this version was changed past the node: as if it did not know the number."""
    where = (use_tickets.c.number == number) & (use_tickets.c.version == version)
    await update_sealed(tx, use_tickets, where, {"matched": Match.UNMATCHED.value}, take_over=True)


async def unmatched(tx: AsyncConnection, now: float, after: float, of: Collection[int]) -> list[UseTicket]:
    """Tickets whose number no register knows, the newest first: those that are open, whatever their age, those found so after a
    time, and all `of` some people.
    """
    is_open = (use_tickets.c.closed_at == 0) & (use_tickets.c.expires_at > now)
    wanted = is_open | (use_tickets.c.looked_up_at > after) | use_tickets.c.user_id.in_(of)
    rows = (await tx.execute(sa.select(use_tickets).where(UNMATCHED & wanted).order_by(use_tickets.c.opened_at.desc()))).all()
    return [_ticket(row) for row in rows]


async def marks(tx: AsyncConnection) -> list[tuple[int, float]]:
    """User and time for each ticket that was found to have a number that no register knows."""
    rows = (await tx.execute(sa.select(use_tickets.c.user_id, use_tickets.c.looked_up_at).where(UNMATCHED))).all()
    return [(int(user_id), float(at)) for user_id, at in rows]


async def add_note(tx: AsyncConnection, number: str, user_id: int, kind: str, text: str, now: float) -> None:
    """One more; none is changed or removed."""
    await tx.execute(sa.insert(ticket_notes).values(number=number, user_id=user_id, kind=kind, text=text, at=now))


async def notes(tx: AsyncConnection, numbers: Sequence[str]) -> Sequence[Row]:
    """What was said about these tickets, the oldest first."""
    query = sa.select(ticket_notes).where(ticket_notes.c.number.in_(numbers)).order_by(ticket_notes.c.id)
    return (await tx.execute(query)).all()


async def reviews(tx: AsyncConnection) -> dict[int, float]:
    """User → when last reviewed, by reviews that the node has written."""
    rows = (await tx.execute(sa.select(ticket_reviews).order_by(ticket_reviews.c.at))).all()
    return {int(row.user_id): float(row.at) for row in rows if is_row_whole(tx, ticket_reviews, row)}


async def add_review(tx: AsyncConnection, user_id: int, reviewer: int, note: str, now: float) -> None:
    """From now on older strikes do not count."""
    await insert_sealed(tx, ticket_reviews, {"user_id": user_id, "reviewer": reviewer, "at": now, "note": note})
