"""SQL about saved walls and tours."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.views.model import Kind, Sharing, View
from fengsui.features.views.tables import views


async def candidates(tx: AsyncConnection, user_id: int) -> list[View]:
    """One's own and every shared one, by name."""
    where = (views.c.user_id == user_id) | (views.c.sharing != Sharing.OWN.value)
    return [_view(row) for row in await tx.execute(sa.select(views).where(where).order_by(views.c.name, views.c.id))]


async def view(tx: AsyncConnection, number: int) -> View | None:
    """None when there is none."""
    row = (await tx.execute(sa.select(views).where(views.c.id == number))).first()
    return None if row is None else _view(row)


async def count(tx: AsyncConnection, user_id: int) -> int:
    """How many a person has saved."""
    return int((await tx.execute(sa.select(sa.func.count()).where(views.c.user_id == user_id))).scalar_one())


async def add(tx: AsyncConnection, one: View) -> View:
    """With the number it gets."""
    number = (await tx.execute(sa.insert(views).values(**_facts(one)))).inserted_primary_key
    assert number is not None, "one row was inserted"
    return one._replace(id=number[0])


async def change(tx: AsyncConnection, one: View) -> None:
    """As it is now."""
    await tx.execute(sa.update(views).where(views.c.id == one.id).values(**_facts(one)))


async def remove(tx: AsyncConnection, number: int) -> None:
    """For good."""
    await tx.execute(sa.delete(views).where(views.c.id == number))


def _facts(one: View) -> dict[str, Any]:
    facts = one._asdict()
    del facts["id"]
    said = {"kind": one.kind.value, "sharing": one.sharing.value, "body": json.dumps(one.body, ensure_ascii=False)}
    return {**facts, **said}


def _view(row: Any) -> View:
    facts = {name: getattr(row, name) for name in View._fields}
    return View(**{**facts, "kind": Kind(row.kind), "sharing": Sharing(row.sharing), "body": json.loads(row.body)})
