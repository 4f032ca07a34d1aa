"""All SQL about masks. Times: seconds since 1970."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.masks.model import Mask
from fengsui.features.masks.tables import mask_lifts, masks
from fengsui.picture_worker import Point
from fengsui.store import insert_sealed, is_row_whole, update_sealed

Row = sa.Row[Any]


async def all_masks(tx: AsyncConnection) -> list[Mask]:
    """Every mask in the order in which they were made; one that the node did not write so hides nothing: its view is black."""
    rows = (await tx.execute(sa.select(masks).order_by(masks.c.id))).all()
    return [
        Mask(row.id, row.camera, row.preset, row.name, _points(row.points), bool(row.valid) and is_row_whole(tx, masks, row))
        for row in rows
    ]


async def add_mask(
    tx: AsyncConnection,
    camera: str,
    preset: int,
    name: str,
    points: Sequence[Point],
    *,
    made_by: int,
    now: float,
    valid: bool = True,
) -> int:
    """The new mask's number."""
    values = {
        "camera": camera,
        "preset": preset,
        "name": name,
        "points": json.dumps(points),
        "valid": valid,
        "made_by": made_by,
        "made_at": now,
    }
    return int((await insert_sealed(tx, masks, values)).id)


async def remove_masks(tx: AsyncConnection, ids: Sequence[int]) -> None:
    """Idempotent."""
    await tx.execute(sa.delete(masks).where(masks.c.id.in_(ids)))


async def invalidate(tx: AsyncConnection, ids: Sequence[int]) -> None:
    """Idempotent."""
    await update_sealed(tx, masks, masks.c.id.in_(ids), {"valid": False})


def _points(stored: str) -> tuple[Point, ...]:
    return tuple((x, y) for x, y in json.loads(stored))


async def lifts_after(tx: AsyncConnection, now: float) -> Sequence[Row]:
    """Lifts that have not ended."""
    return (await tx.execute(sa.select(mask_lifts).where(mask_lifts.c.until > now).order_by(mask_lifts.c.id))).all()


async def add_lift(tx: AsyncConnection, key: bytes, **facts: object) -> int:
    """The new lift's number. `key`: the node's, for its seal."""
    values = {**facts, "seal": _seal(facts, key)}
    return int((await tx.execute(sa.insert(mask_lifts).values(**values).returning(mask_lifts.c.id))).scalar_one())


async def end_lifts(tx: AsyncConnection, ids: Sequence[int], until: float, key: bytes) -> None:
    """From `until` on they lift nothing."""
    for row in (await tx.execute(sa.select(mask_lifts).where(mask_lifts.c.id.in_(ids)))).all():
        if is_whole(row, key):
            seal = _seal({**row._mapping, "until": until}, key)
            await tx.execute(sa.update(mask_lifts).where(mask_lifts.c.id == row.id).values(until=until, seal=seal))


def is_whole(row: Row, key: bytes) -> bool:
    """Whether the lift is as the node wrote it."""
    return hmac.compare_digest(_seal({**row._mapping}, key).encode(), row.seal.encode())


def _seal(facts: Mapping[str, Any], key: bytes) -> str:
    """By the node's key, over all that a lift says."""
    terms = [facts[name] for name in ("camera", "user_id", "reason", "approved_by", "name", "ticket")]
    whole = json.dumps(["fengsui-mask-lift-1", terms, int(facts["until"] * 1000)], ensure_ascii=False)
    return hmac.digest(key, whole.encode(), hashlib.sha256).hex()
