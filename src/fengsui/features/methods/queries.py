"""All SQL about methods and the incidents that they served."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import Scope
from fengsui.features.methods.model import Method, Use, Words
from fengsui.features.methods.tables import method_uses, method_versions, methods
from fengsui.store import Versioned

_kept = Versioned(methods, method_versions, "method_id")
_use = method_uses.c
_USE = [_use[one.name] for one in fields(Use)]


def _row(one: Method) -> dict[str, Any]:
    names = ("title", "area", "state", "version", "changed_at", "changed_by")
    return {name: getattr(one, name) for name in names} | {"words": msgspec.json.encode(one.words).decode()}


def _method(id: int, row: sa.Row[Any]) -> Method:
    words = msgspec.json.decode(row.words, type=Words)
    return Method(id, row.title, row.area, row.state, words, row.version, row.changed_at, row.changed_by)


async def all_of(tx: AsyncConnection) -> list[Method]:
    """All that there are."""
    return [_method(row.id, row) for row in (await tx.execute(sa.select(methods))).all()]


async def add(tx: AsyncConnection, one: Method) -> Method:
    """With the number that it gets."""
    return replace(one, id=await _kept.add(tx, _row(one)))


async def change(tx: AsyncConnection, one: Method) -> None:
    """What stood before stays among its versions."""
    await _kept.change(tx, one.id, _row(one))


async def versions(tx: AsyncConnection, id: int, limit: int) -> list[Method]:
    """The newest first."""
    return [_method(id, row) for row in await _kept.newest(tx, id, limit)]


def _held(scopes: Sequence[Scope]) -> sa.ColumnElement[bool]:
    if any(scope.everything for scope in scopes):
        return sa.true()
    prefixes = sorted({prefix for scope in scopes for prefix, _ in scope.areas})
    return sa.or_(sa.false(), *(_use.area.startswith(prefix, autoescape=True) for prefix in prefixes))


async def add_use(tx: AsyncConnection, one: Use) -> None:
    """Raises IntegrityError where it is there already."""
    await tx.execute(sa.insert(method_uses).values({field.name: getattr(one, field.name) for field in fields(Use)}))


async def remove_use(tx: AsyncConnection, method: int, incident: int) -> None:
    """The time line of the incident keeps both."""
    await tx.execute(sa.delete(method_uses).where((_use.method == method) & (_use.incident == incident)))


async def uses_at(tx: AsyncConnection, incident: int) -> list[Use]:
    """Of an incident, the first first."""
    query = sa.select(*_USE).where(_use.incident == incident).order_by(_use.at, _use.method)
    return [Use(*row) for row in (await tx.execute(query)).all()]


async def uses_of(tx: AsyncConnection, scopes: Sequence[Scope], method: int, limit: int) -> list[Use]:
    """Of a method, at incidents within the scopes; the newest incident first."""
    where = (_use.method == method) & _held(scopes)
    query = sa.select(*_USE).where(where).order_by(_use.opened_at.desc(), _use.incident.desc()).limit(limit)
    return [Use(*row) for row in (await tx.execute(query)).all()]


async def served(tx: AsyncConnection, scopes: Sequence[Scope]) -> dict[int, int]:
    """How many incidents within the scopes, by method."""
    query = sa.select(_use.method, sa.func.count()).where(_held(scopes)).group_by(_use.method)
    return {int(row[0]): int(row[1]) for row in (await tx.execute(query)).all()}


async def months(tx: AsyncConnection, scopes: Sequence[Scope], method: int, limit: int) -> list[tuple[str, int]]:
    """How many incidents within the scopes it served, by month (2026-11), the newest first."""
    where = (_use.method == method) & _held(scopes)
    query = sa.select(_use.month, sa.func.count()).where(where).group_by(_use.month).order_by(_use.month.desc()).limit(limit)
    return [(str(row[0]), int(row[1])) for row in (await tx.execute(query)).all()]
