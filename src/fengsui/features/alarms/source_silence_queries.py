"""All SQL about sources of alarms that are no hosts and are silent, and the rows of the alarms about it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.alarms.silence_queries import LOST
from fengsui.features.alarms.silence_queries import row_of as row_of_host
from fengsui.features.alarms.tables import source_silences

_silence = source_silences.c
_OPEN: sa.ColumnElement[bool] = sa.literal_column("ended_at IS NULL")  # as the index has it


class Source(NamedTuple):
    """`protocol`: gb28181, of a device by its code; https, of another system by its name."""

    protocol: str
    code: str
    title: str
    area: str

    @property
    def key(self) -> tuple[str, str]:
        """By which it is known, whatever it is called."""
        return self.protocol, self.code


class Still(NamedTuple):
    """A silence that is not over, as it was when it began, and its alarm."""

    source: Source
    alarm_id: int


def row_of(one: Source, change: str, priority: int, now: float) -> dict[str, Any]:
    """An alarm about it."""
    is_device = one.protocol == "gb28181"
    return {
        **row_of_host(None, one.area, change, priority, now),
        **{"protocol": one.protocol, "code": LOST, "site": one.title, "number": one.code if is_device else ""},
        **{"device": one.code if is_device else "", "account": "" if is_device else one.code},
        "point_kind": "device" if is_device else "",
        "body_key": hashlib.sha256(f"silence {one.protocol} {one.code} {change} {now!r}".encode()).hexdigest(),
    }


async def still(tx: AsyncConnection) -> dict[tuple[str, str], Still]:
    """By key."""
    rows = (await tx.execute(sa.select(source_silences).where(_OPEN))).all()
    found = [Still(Source(row.protocol, row.code, row.title, row.area), row.alarm_id) for row in rows]
    return {one.source.key: one for one in found}


async def add(tx: AsyncConnection, some: Sequence[tuple[Source, int]], now: float) -> None:
    """With their alarms; at least one. A source has one that is not over."""
    rows = [{**source._asdict(), "alarm_id": alarm, "raised_at": now, "ended_at": None} for source, alarm in some]
    await tx.execute(sa.insert(source_silences), rows)


async def end(tx: AsyncConnection, keys: Collection[tuple[str, str]], at: float) -> None:
    """They were heard again, or are gone."""
    for protocol, code in keys:
        where = _OPEN & (_silence.protocol == protocol) & (_silence.code == code)
        await tx.execute(sa.update(source_silences).where(where).values(ended_at=at))
