"""All SQL about alarm hosts that are silent, and the rows of the alarms about it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.alarms.arming import NodeCategory
from fengsui.features.alarms.host_rows import OF_A_HOST
from fengsui.features.alarms.model import AlarmHost
from fengsui.features.alarms.outages import Outage
from fengsui.features.alarms.queries import mark
from fengsui.features.alarms.repeat_window import REPEAT_S
from fengsui.features.alarms.tables import OUTAGES, RUNNING, WINDOW, alarm_silences, alarm_window, alarms

LOST, MANY, CATEGORY, TABLE = "LOST", "MANY", NodeCategory.SUPERVISION.value, "node"
"""Codes of our own: one host is silent, many of an area are."""
AT_ONCE: Final = 1_000
"""Values of one statement."""
_silence, _alarm = alarm_silences.c, alarms.c
_OPEN: Final[sa.ColumnElement[bool]] = sa.literal_column("ended_at IS NULL")  # as the index has it


class Still(NamedTuple):
    """A silence that is not over: with many others, or with an alarm of its own."""

    host_id: int
    alarm_id: int
    many: bool
    account: str
    site: str
    area: str


class Silence(NamedTuple):
    """What an alarm is about: of so many hosts, so many are silent still, since `heard_at` (seconds since 1970; 0: never heard)."""

    hosts: int
    still: int
    heard_at: float


def row_of(host: AlarmHost | None, area: str, change: str, priority: int, now: float) -> dict[str, Any]:
    """An alarm about one host, None: about many of this area."""
    code, who = (MANY, area) if host is None else (LOST, str(host.id))
    return {
        **{"host_id": 0 if host is None else host.id, "account": "" if host is None else host.account},
        **{"site": "" if host is None else host.site, "area": area, "section": "", "number": "", "is_user": False},
        **{"point_id": None, "point": "", "point_kind": "", "camera": ""},
        **{"code_table": TABLE, "code": code, "known": True, "change": change, "category": CATEGORY},
        **{"priority": priority, "text": "", "sequence": "", "encrypted": False, "held_back": False, "sent_at": None},
        **OF_A_HOST,
        **{"body_key": hashlib.sha256(f"silence {who} {change} {now!r}".encode()).hexdigest(), "ordinal": 0},
        **{"first_at": now, "last_at": now, "repeats": 0},
    }


def _parts(values: Collection[int]) -> Iterator[list[int]]:
    whole = list(values)
    for at in range(0, len(whole), AT_ONCE):
        yield whole[at : at + AT_ONCE]


async def still(tx: AsyncConnection, hosts: Collection[int] | None = None) -> list[Still]:
    """Of these hosts, None: of all."""
    query = sa.select(*(_silence[name] for name in Still._fields)).where(_OPEN)
    if hosts is None:
        return [Still(*row) for row in (await tx.execute(query)).all()]
    found: list[Still] = []
    for some in _parts(hosts):
        found += [Still(*row) for row in (await tx.execute(query.where(_silence.host_id.in_(some)))).all()]
    return found


async def ran_until(tx: AsyncConnection) -> float:
    """When the node ran last, as far as it was written; 0: it never was."""
    if (at := await mark(tx, RUNNING)) is not None:
        return at
    window = await mark(tx, WINDOW)  # of a version that kept no more
    return 0.0 if window is None else window + REPEAT_S


async def outages(tx: AsyncConnection) -> list[Outage]:
    """When the node heard nobody, as it was written last."""
    query = sa.select(alarm_window.c.since).where(alarm_window.c.id >= OUTAGES).order_by(alarm_window.c.id)
    times = list((await tx.execute(query)).scalars())
    return [Outage(*pair) for pair in zip(times[::2], times[1::2], strict=False)]


async def write_outages(tx: AsyncConnection, all: Iterable[Outage]) -> None:
    """In place of what was written before; at least one."""
    rows = [{"id": id, "since": at} for id, at in enumerate((at for one in all for at in one), OUTAGES)]
    await tx.execute(sa.delete(alarm_window).where(alarm_window.c.id >= OUTAGES))
    await tx.execute(sa.insert(alarm_window), rows)


async def add(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """At least one; a host has one that is not over."""
    await tx.execute(sa.insert(alarm_silences), list(rows))


async def end(tx: AsyncConnection, hosts: Collection[int], at: float) -> None:
    """They were heard again, or are gone."""
    for some in _parts(hosts):
        await tx.execute(sa.update(alarm_silences).where(_OPEN, _silence.host_id.in_(some)).values(ended_at=at))


async def ended(tx: AsyncConnection, ids: Iterable[int]) -> dict[int, str]:
    """Which of these alarms are about no host any more that is silent, with their areas."""
    found: dict[int, str] = {}
    for some in _parts(set(ids)):
        going_on = sa.exists().where(_silence.alarm_id == _alarm.id, _OPEN)
        query = sa.select(_alarm.id, _alarm.area).where(_alarm.id.in_(some), ~going_on)
        found |= {row.id: row.area for row in (await tx.execute(query)).all()}
    return found


async def set_active(tx: AsyncConnection, ids: Collection[int], *, active: bool) -> None:
    """Alarms about many hosts: whether one of them is silent."""
    for some in _parts(ids):
        await tx.execute(sa.update(alarms).where(_alarm.id.in_(some)).values(active=active))


async def fold_into(tx: AsyncConnection, ids: Collection[int], parent: int) -> list[int]:
    """Alarms of single hosts that nobody has taken count with the one about many from now on: which."""
    if not ids:
        return []
    going_on = sa.exists().where(_silence.alarm_id == _alarm.id, _OPEN)
    where = _alarm.id.in_(list(ids)) & (_alarm.state == "open") & (_alarm.folded == 0) & going_on
    values = {"state": "folded", "folded_into": parent, "due_at": None, "version": _alarm.version + 1}
    folded = list((await tx.execute(sa.update(alarms).where(where).values(values).returning(_alarm.id))).scalars())
    if folded:
        moved = sa.update(alarm_silences).where(_silence.alarm_id.in_(folded))
        await tx.execute(moved.values(alarm_id=parent, many=True))
    return folded


class Member(NamedTuple):
    """A host of an alarm about silence. Times: seconds since 1970; `heard_at` 0: never heard."""

    account: str
    site: str
    heard_at: float
    ended_at: float | None


async def members(tx: AsyncConnection, alarm_id: int, limit: int) -> list[Member]:
    """Those that are silent still first, then by account; one that was silent again and again as it was last."""
    last = sa.select(sa.func.max(_silence.id)).where(_silence.alarm_id == alarm_id).group_by(_silence.host_id)
    query = sa.select(*(_silence[name] for name in Member._fields)).where(_silence.id.in_(last))
    ordered = query.order_by(_silence.ended_at.is_not(None), _silence.account, _silence.id).limit(limit)
    return [Member(*row) for row in (await tx.execute(ordered)).all()]


async def silences(tx: AsyncConnection, ids: Collection[int]) -> dict[int, Silence]:
    """What each of these alarms is about; of others nothing."""
    still = sa.func.count(sa.case((_OPEN, 1)))
    of = sa.func.count(_silence.host_id.distinct())
    query = sa.select(_silence.alarm_id, of, still, sa.func.min(_silence.heard_at)).group_by(_silence.alarm_id)
    found: dict[int, Silence] = {}
    for some in _parts(ids):
        found |= {row[0]: Silence(*row[1:]) for row in (await tx.execute(query.where(_silence.alarm_id.in_(some)))).all()}
    return found
