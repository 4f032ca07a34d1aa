"""All SQL about incidents."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import Scope
from fengsui.features.incidents.model import Incident, Line, LineKind, Outcome, number_of
from fengsui.features.incidents.tables import incident_alarms, incident_lines, incidents
from fengsui.features.incidents.words import Cause, Disposition, IncidentKind, IncidentState

_of = incidents.c
_line = incident_lines.c
Order = Literal["open-first", "newest"]
MOST_LINES: Final = 1_000
"""That are told at once; all are kept."""


def _incident(row: sa.Row[Any]) -> Incident:
    cause = Cause(row.outcome_cause) if row.outcome_cause else None
    also = tuple(Disposition(one) for one in row.also.split())
    return Incident(
        id=row.id,
        number=row.number,
        kind=IncidentKind(row.kind),
        area=row.area,
        place=row.place,
        longitude=row.longitude,
        latitude=row.latitude,
        text=row.text,
        priority=row.priority,
        opened_by=row.opened_by,
        desk=IncidentState(row.desk),
        stamps=json.loads(row.stamps),
        since=row.since,
        last_at=row.last_at,
        version=row.version,
        owner_id=row.owner_id,
        owner=row.owner,
        reached=IncidentState(row.reached) if row.reached else None,
        out=row.units_out,
        outcome=Outcome(Disposition(row.disposition), also, cause) if row.disposition else None,
        cause=Cause(row.cause) if row.cause else None,
        before=IncidentState(row.before) if row.before else None,
        into=row.into_id,
    )


def _row(one: Incident) -> dict[str, Any]:
    outcome = one.outcome
    return {
        **{"kind": one.kind.value, "area": one.area, "place": one.place, "text": one.text, "priority": one.priority},
        **{"longitude": one.longitude, "latitude": one.latitude, "desk": one.desk.value, "state": one.state.value},
        **{"reached": one.reached.value if one.reached else "", "before": one.before.value if one.before else ""},
        **{"version": one.version, "units_out": one.out, "owner_id": one.owner_id, "owner": one.owner, "into_id": one.into},
        **{"is_open": one.is_open, "since": one.since, "last_at": one.last_at, "stamps": json.dumps(dict(one.stamps))},
        "disposition": outcome.main.value if outcome else "",
        "also": " ".join(also.value for also in outcome.also) if outcome else "",
        "outcome_cause": outcome.cause.value if outcome and outcome.cause else "",
        "cause": one.cause.value if one.cause else "",
    }


def _held(scopes: Sequence[Scope]) -> sa.ColumnElement[bool]:
    if any(scope.everything for scope in scopes):
        return sa.true()
    prefixes = sorted({prefix for scope in scopes for prefix, _ in scope.areas})
    return sa.or_(sa.false(), *(_of.area.startswith(prefix, autoescape=True) for prefix in prefixes))


async def last_ordinal(tx: AsyncConnection, day: str) -> int:
    """Of that day (YYYYMMDD); 0: there is none."""
    return int((await tx.execute(sa.select(sa.func.max(_of.ordinal)).where(_of.day == day))).scalar_one() or 0)


@dataclass(frozen=True, slots=True)
class Given:
    """How it was ordered: by whom, under which idempotency key (None: without), and the SHA-256 of the order."""

    user_id: int
    key: str | None
    digest: str


async def add(tx: AsyncConnection, one: Incident, day: str, ordinal: int, given: Given) -> int:
    """Its id. Raises IntegrityError where the number or the key was taken meanwhile."""
    row = {
        **_row(one),
        **{"number": number_of(day, ordinal), "day": day, "ordinal": ordinal, "opened_by": one.opened_by, "opened_at": one.since},
        **{"opened_by_id": given.user_id, "given_key": given.key, "given_digest": given.digest},
    }
    return int((await tx.execute(sa.insert(incidents).values(row).returning(_of.id))).scalar_one())


async def by_key(tx: AsyncConnection, user_id: int, key: str) -> tuple[Incident, str] | None:
    """What this person opened under that key, with the digest of the order; None: nothing."""
    row = (await tx.execute(sa.select(incidents).where((_of.opened_by_id == user_id) & (_of.given_key == key)))).one_or_none()
    return None if row is None else (_incident(row), row.given_digest)


async def keep(tx: AsyncConnection, one: Incident, version: int) -> bool:
    """Its new state over that `version`; False: somebody else was first."""
    where = (_of.id == one.id) & (_of.version == version)
    return (await tx.execute(sa.update(incidents).where(where).values(_row(one)))).rowcount == 1


async def one(tx: AsyncConnection, scopes: Sequence[Scope], id: int) -> Incident | None:
    """Within the scopes; None: there is none."""
    row = (await tx.execute(sa.select(incidents).where((_of.id == id) & _held(scopes)))).one_or_none()
    return None if row is None else _incident(row)


async def opened(tx: AsyncConnection, ids: Sequence[int]) -> dict[int, float]:
    """When these were opened, seconds since 1970."""
    rows = (await tx.execute(sa.select(_of.id, _of.opened_at).where(_of.id.in_(list(ids))))).all()
    return {row.id: row.opened_at for row in rows}


async def by_ids(tx: AsyncConnection, ids: Collection[int]) -> list[Incident]:
    """Whoever asks; by id."""
    rows = (await tx.execute(sa.select(incidents).where(_of.id.in_(list(ids))).order_by(_of.id))).all()
    return [_incident(row) for row in rows]


async def parts_of(tx: AsyncConnection, scopes: Sequence[Scope], id: int) -> list[tuple[int, str]]:
    """Id and number of what was merged into this one."""
    merged = sa.text("into_id <> 0")  # word for word as the index has it, which is chosen only then
    query = sa.select(_of.id, _of.number).where(merged, (_of.into_id == id) & _held(scopes)).order_by(_of.id)
    return [(row.id, row.number) for row in (await tx.execute(query)).all()]


async def merged_into(tx: AsyncConnection, scopes: Sequence[Scope], ids: Collection[int]) -> list[Incident]:
    """What was merged into these, by id."""
    where = sa.text("into_id <> 0"), _of.into_id.in_(list(ids)) & _held(scopes)
    return [_incident(row) for row in (await tx.execute(sa.select(incidents).where(*where).order_by(_of.id))).all()]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which are wanted; an empty word and None are any. `after`: whether those before are closed, and the id of the last one."""

    area: str = ""
    state: str = ""
    kind: str = ""
    priority: int | None = None
    is_open: bool | None = None
    owner: int = 0
    alarm: int | None = None
    number: str = ""
    since: float | None = None
    until: float | None = None
    order: Order = "open-first"
    after: tuple[bool, int] | None = None


def _fitting(scopes: Sequence[Scope], asked: Asked) -> sa.ColumnElement[bool]:
    where = _held(scopes)
    if asked.area:
        where &= _of.area.startswith(asked.area, autoescape=True)
    if asked.state:
        where &= _of.state == asked.state
    if asked.kind:
        where &= _of.kind == asked.kind
    if asked.priority is not None:
        where &= _of.priority == asked.priority
    if asked.is_open is not None:
        where &= _of.is_open == asked.is_open
    if asked.owner:
        where &= _of.owner_id == asked.owner
    if asked.number:
        where &= _of.number == asked.number
    if asked.since is not None:
        where &= _of.opened_at >= asked.since
    if asked.until is not None:
        where &= _of.opened_at < asked.until
    if asked.alarm is not None:
        where &= _of.id.in_(sa.select(incident_alarms.c.incident_id).where(incident_alarms.c.alarm_id == asked.alarm))
    return where


async def listed(tx: AsyncConnection, scopes: Sequence[Scope], asked: Asked, limit: int) -> list[Incident]:
    """The newest first, or those that are open before the others."""
    where, order = _fitting(scopes, asked), [_of.id.desc()]
    if asked.after is not None:
        was_closed, id = asked.after
        after = _of.id < id
        if asked.order == "open-first":
            after = (~_of.is_open & after) if was_closed else (~_of.is_open | after)
        where &= after
    if asked.order == "open-first":
        order = [_of.is_open.desc(), *order]
    rows = (await tx.execute(sa.select(incidents).where(where).order_by(*order).limit(limit))).all()
    return [_incident(row) for row in rows]


async def count(tx: AsyncConnection, scopes: Sequence[Scope], asked: Asked) -> int:
    """How many fit, on whatever page."""
    query = sa.select(sa.func.count()).select_from(incidents).where(_fitting(scopes, asked))
    return int((await tx.execute(query)).scalar_one())


async def turned_over(tx: AsyncConnection, scopes: Sequence[Scope], area: str, since: float, until: float) -> tuple[int, int]:
    """How many were opened and how many were closed then, within an area; one that was closed twice counts once."""
    here = _held(scopes) & _of.area.startswith(area, autoescape=True)
    opened = sa.select(sa.func.count()).select_from(incidents).where(here & (_of.opened_at >= since) & (_of.opened_at < until))
    closing = sa.text("kind = 'closed'")  # word for word as the index has it, which is chosen only then
    then = sa.select(_line.incident_id).where(closing, (_line.at >= since) & (_line.at < until))
    closed = sa.select(sa.func.count()).select_from(incidents).where(here & _of.id.in_(then))
    return int((await tx.execute(opened)).scalar_one()), int((await tx.execute(closed)).scalar_one())


async def open_ones(tx: AsyncConnection) -> list[Incident]:
    """Wherever they are, the oldest first."""
    return [_incident(row) for row in (await tx.execute(sa.select(incidents).where(_of.is_open).order_by(_of.id))).all()]


async def add_line(tx: AsyncConnection, id: int, line: Line) -> None:
    """The next of its time line: the incident's row, which is written first, lets one do so at a time."""
    last = sa.select(sa.func.coalesce(sa.func.max(_line.ordinal), 0) + 1).where(_line.incident_id == id).scalar_subquery()
    row = {
        **{"incident_id": id, "ordinal": last, "kind": line.kind.value, "at": line.at, "user_id": line.user_id, "name": line.name},
        **{"before": line.before.value if line.before else "", "after": line.after.value, "text": line.text},
        "facts": json.dumps(dict(line.facts), ensure_ascii=False),
    }
    await tx.execute(sa.insert(incident_lines).values(row))


async def lines(tx: AsyncConnection, id: int, before: int | None = None) -> list[Line]:
    """The oldest first; of very many the newest, or the newest of those `before` an ordinal."""
    where = _line.incident_id == id
    if before is not None:
        where &= _line.ordinal < before
    query = sa.select(incident_lines).where(where).order_by(_line.ordinal.desc()).limit(MOST_LINES)
    return [
        Line(
            kind=LineKind(row.kind),
            at=row.at,
            user_id=row.user_id,
            name=row.name,
            before=IncidentState(row.before) if row.before else None,
            after=IncidentState(row.after),
            text=row.text,
            facts=json.loads(row.facts),
            ordinal=row.ordinal,
        )
        for row in reversed((await tx.execute(query)).all())
    ]


async def alarms_of(tx: AsyncConnection, ids: Collection[int]) -> dict[int, list[int]]:
    """By incident, the ids of its alarms."""
    link = incident_alarms.c
    found: dict[int, list[int]] = {id: [] for id in ids}
    query = sa.select(incident_alarms).where(link.incident_id.in_(list(ids))).order_by(link.alarm_id)
    for row in (await tx.execute(query)).all():
        found[row.incident_id].append(row.alarm_id)
    return found


async def incidents_of(tx: AsyncConnection, alarms: Collection[int]) -> dict[int, int]:
    """By alarm, the incident that it belongs to."""
    query = sa.select(incident_alarms).where(incident_alarms.c.alarm_id.in_(list(alarms)))
    return {row.alarm_id: row.incident_id for row in (await tx.execute(query)).all()}


async def link(tx: AsyncConnection, id: int, alarms: Collection[int]) -> None:
    """At least one. Raises IntegrityError for one that belongs to an incident already."""
    await tx.execute(sa.insert(incident_alarms), [{"incident_id": id, "alarm_id": one} for one in alarms])


async def unlink(tx: AsyncConnection, id: int, alarm: int) -> bool:
    """Whether it was there."""
    where = (incident_alarms.c.incident_id == id) & (incident_alarms.c.alarm_id == alarm)
    return (await tx.execute(sa.delete(incident_alarms).where(where))).rowcount == 1
