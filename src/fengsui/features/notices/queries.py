"""All SQL about notices."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.notices.model import Notice, Reader
from fengsui.features.notices.tables import notice_readers, notices
from fengsui.store import insert_new

_notice = notices.c
_reader = notice_readers.c
REMOVED_AT_ONCE: Final = 500


def _as_notice(row: sa.Row[Any]) -> Notice:
    return Notice(*(getattr(row, name) for name in Notice._fields))


def _as_reader(row: sa.Row[Any]) -> Reader:
    return Reader(row.user_id, row.post, row.unit, row.seen_at)


async def of_storm(tx: AsyncConnection, like: Notice, since: float, most: int) -> list[Notice]:
    """Of the same rule and place since then, the newest first; no more than so many."""
    where = (_notice.rule_id == like.rule_id) & (_notice.area == like.area) & (_notice.camera_class == like.camera_class)
    query = sa.select(notices).where(where & (_notice.at > since)).order_by(_notice.at.desc(), _notice.id.desc()).limit(most)
    return [_as_notice(row) for row in (await tx.execute(query)).all()]


async def count_with(tx: AsyncConnection, id: int) -> None:
    """One more alarm counts with it."""
    await tx.execute(sa.update(notices).where(_notice.id == id).values(more=_notice.more + 1))


async def put(tx: AsyncConnection, one: Notice, readers: Collection[Reader]) -> None:
    """Once for an alarm and a rule."""
    row = {name: value for name, value in one._asdict().items() if name != "id"}
    made = insert_new(tx, notices, ["alarm_id", "rule_id"]).values(row).returning(_notice.id)
    id = (await tx.execute(made)).scalar_one_or_none()
    if id is not None:
        await tx.execute(sa.insert(notice_readers), [{"notice_id": id, **reader._asdict()} for reader in readers])


async def standing(tx: AsyncConnection, user_id: int, since: float, most: int) -> list[tuple[Notice, Reader]]:
    """That somebody has not acknowledged, the most urgent and then the newest first."""
    where = (_reader.user_id == user_id) & _reader.seen_at.is_(None) & (_notice.at > since)
    query = sa.select(notices, *(_reader[name] for name in Reader._fields)).join(notice_readers, _reader.notice_id == _notice.id)
    query = query.where(where).order_by(_notice.priority, _notice.at.desc(), _notice.id.desc()).limit(most)
    return [(_as_notice(row), _as_reader(row)) for row in (await tx.execute(query)).all()]


async def of_reader(tx: AsyncConnection, id: int, user_id: int) -> tuple[Notice, Reader] | None:
    """One, as somebody was told of it; None: they were not."""
    query = sa.select(notices, *(_reader[name] for name in Reader._fields)).join(notice_readers, _reader.notice_id == _notice.id)
    row = (await tx.execute(query.where((_notice.id == id) & (_reader.user_id == user_id)))).one_or_none()
    return None if row is None else (_as_notice(row), _as_reader(row))


async def see(tx: AsyncConnection, id: int, user_id: int, at: float) -> None:
    """Once: the first time stays."""
    where = (_reader.notice_id == id) & (_reader.user_id == user_id) & _reader.seen_at.is_(None)
    await tx.execute(sa.update(notice_readers).where(where).values(seen_at=at))


async def of_alarm(tx: AsyncConnection, alarm: int) -> list[tuple[Notice, list[Reader]]]:
    """The oldest first, each with whom it told."""
    found = [
        _as_notice(row) for row in (await tx.execute(sa.select(notices).where(_notice.alarm_id == alarm).order_by(_notice.id)))
    ]
    query = sa.select(notice_readers).where(_reader.notice_id.in_([one.id for one in found])).order_by(_reader.user_id)
    told: dict[int, list[Reader]] = {one.id: [] for one in found}
    for row in (await tx.execute(query)).all():
        told[row.notice_id].append(_as_reader(row))
    return [(one, told[one.id]) for one in found]


async def remove_before(tx: AsyncConnection, at: float) -> None:
    """The oldest that were raised before then, with who read them; a bounded number at once."""
    oldest = sa.select(_notice.id).where(_notice.at < at).order_by(_notice.at).limit(REMOVED_AT_ONCE)
    ids = [row.id for row in (await tx.execute(oldest)).all()]
    if ids:
        await tx.execute(sa.delete(notice_readers).where(_reader.notice_id.in_(ids)))
        await tx.execute(sa.delete(notices).where(_notice.id.in_(ids)))
