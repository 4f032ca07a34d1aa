"""All SQL about links, what waits to be sent over them, and the numbers of jobs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.alarms import Alarm, alarms_table
from fengsui.features.dispatch_links.model import Aside, Figures, alarm_body, alarm_key
from fengsui.features.dispatch_links.tables import (
    dispatch_links,
    job_intakes,
    job_numbers,
    link_alarms,
    link_outbox,
    link_refusals,
)
from fengsui.store import SealedRow, insert_new, insert_sealed, is_row_whole, update_sealed, upsert

FIGURES: Final = ("sent", "sent_at", "failed_since", "failures", "fault_at", "fault")
_link = dispatch_links.c
_waits = link_outbox.c
_number = job_numbers.c
_told = link_alarms.c
_refused = link_refusals.c
_KEPT: Final = link_outbox.outerjoin(link_refusals, _refused.outbox_id == _waits.id)
_IS_ASIDE: Final = sa.func.coalesce(_refused.aside_at, 0.0) > 0.0
_ALARM: Final = [alarms_table.c[one.name] for one in fields(Alarm)]


async def links(tx: AsyncConnection) -> list[tuple[SealedRow, bool]]:
    """Each with whether the node wrote it so."""
    rows = (await tx.execute(sa.select(dispatch_links).order_by(_link.id))).all()
    return [(row, is_row_whole(tx, dispatch_links, row)) for row in rows]


async def add_link(tx: AsyncConnection, row: Mapping[str, Any]) -> SealedRow:
    """Alarms that are there already are none of its news; its number no other ever had. Raises IntegrityError for a name that is
    there."""
    newest = (await tx.execute(sa.select(sa.func.max(alarms_table.c.id)))).scalar_one()
    last = (await tx.execute(sa.select(sa.func.max(_told.link_id)))).scalar_one()
    made = await insert_sealed(tx, dispatch_links, {**row, "id": (last or 0) + 1, "alarm_mark": newest or 0})
    await tx.execute(sa.insert(link_alarms).values(link_id=made.id, alarm_id=0))
    return made


async def switch_link(tx: AsyncConnection, id: int, is_on: bool) -> None:
    """What comes while it is off is not sent; what waited before is, when it is on again."""
    await update_sealed(tx, dispatch_links, _link.id == id, {"is_on": is_on})
    if is_on:
        newest = sa.select(sa.func.coalesce(sa.func.max(alarms_table.c.id), 0)).scalar_subquery()
        await tx.execute(sa.update(dispatch_links).where(_link.id == id).values(alarm_mark=newest))


async def remove_link(tx: AsyncConnection, id: int) -> None:
    """With what waits for it; by which numbers it called incidents stays."""
    await tx.execute(sa.delete(link_refusals).where(_refused.outbox_id.in_(sa.select(_waits.id).where(_waits.link_id == id))))
    await tx.execute(sa.delete(link_outbox).where(_waits.link_id == id))
    await tx.execute(sa.delete(link_alarms).where((_told.link_id == id) & (_told.alarm_id > 0)))
    await tx.execute(sa.delete(dispatch_links).where(_link.id == id))


async def write_figures(tx: AsyncConnection, id: int, figures: Figures) -> None:
    """What came of it."""
    change = (
        sa.update(dispatch_links)
        .where(_link.id == id)
        .values(
            sent=figures.sent,
            sent_at=figures.sent_at,
            failures=figures.failures,
            failed_since=figures.failed_since,
            fault_at=figures.fault_at,
            fault=figures.fault,
        )
    )
    await tx.execute(change)


async def alarm_mark(tx: AsyncConnection, id: int) -> int:
    """Up to which alarm it has been dealt with."""
    return int((await tx.execute(sa.select(_link.alarm_mark).where(_link.id == id))).scalar_one_or_none() or 0)


async def move_mark(tx: AsyncConnection, id: int, upto: int) -> None:
    """In the transaction in which its alarms were written out."""
    await tx.execute(sa.update(dispatch_links).where(_link.id == id).values(alarm_mark=upto))


async def alarms_after(tx: AsyncConnection, upto: int, limit: int) -> list[Alarm]:
    """In their order. They are written one transaction after the other: none comes later with a lower number."""
    query = sa.select(*_ALARM).where(alarms_table.c.id > upto).order_by(alarms_table.c.id).limit(limit)
    return [Alarm(*row) for row in (await tx.execute(query)).all()]


async def alarm(tx: AsyncConnection, id: int) -> Alarm | None:
    """As it stands."""
    row = (await tx.execute(sa.select(*_ALARM).where(alarms_table.c.id == id))).one_or_none()
    return None if row is None else Alarm(*row)


async def is_on(tx: AsyncConnection, id: int) -> bool:
    """Whether there is such a link, and something is sent there."""
    return bool((await tx.execute(sa.select(_link.is_on).where(_link.id == id))).scalar_one_or_none())


async def is_told(tx: AsyncConnection, id: int, alarm: int) -> bool:
    """Whether an alarm was written out for a link."""
    query = sa.select(sa.func.count()).where((_told.link_id == id) & (_told.alarm_id == alarm))
    return bool((await tx.execute(query.select_from(link_alarms))).scalar_one())


async def put_alarms(
    tx: AsyncConnection, id: int, alarms: Collection[Alarm], own: str, at: float, in_charge: str = ""
) -> Collection[int]:
    """In their order; what was written out for this link before is left out. `own`: this node's code; `in_charge`: the unit or
    centre that has them. Those that were not."""
    if not alarms:
        return ()
    told = insert_new(tx, link_alarms, ["link_id", "alarm_id"]).values([{"link_id": id, "alarm_id": one.id} for one in alarms])
    new = {row.alarm_id for row in (await tx.execute(told.returning(_told.alarm_id))).all()}
    rows = [
        {
            **{"link_id": id, "key": alarm_key(own, one.id), "incident_id": 0},
            **{"body": alarm_body(one, own, in_charge), "at": at},
        }
        for one in alarms
        if one.id in new
    ]
    if rows:
        await tx.execute(insert_new(tx, link_outbox, ["link_id", "key"]), rows)
    return new


class Waiting(NamedTuple):
    """What is to be sent. `incident_id` 0: it is about none; `refused`: so often in a row by now."""

    id: int
    key: str
    incident_id: int
    body: str
    refused: int


async def put(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """At least one, in their order."""
    await tx.execute(sa.insert(link_outbox), list(rows))


async def next_of(tx: AsyncConnection, link: int) -> Waiting | None:
    """The oldest that is not set aside; None: nothing waits."""
    facts = _waits.id, _waits.key, _waits.incident_id, _waits.body, sa.func.coalesce(_refused.times, 0)
    query = sa.select(*facts).select_from(_KEPT).where((_waits.link_id == link) & ~_IS_ASIDE)
    row = (await tx.execute(query.order_by(_waits.id).limit(1))).one_or_none()
    return None if row is None else Waiting(*row)


async def take_out(tx: AsyncConnection, id: int) -> None:
    """The other system has it."""
    await tx.execute(sa.delete(link_refusals).where(_refused.outbox_id == id))
    await tx.execute(sa.delete(link_outbox).where(_waits.id == id))


async def note_refused(tx: AsyncConnection, id: int, times: int, why: str, aside_at: float) -> None:
    """Of what waits: so often in a row by now. `aside_at` 0: it is sent again."""
    row = {"outbox_id": id, "times": times, "why": why, "aside_at": aside_at}
    await tx.execute(upsert(tx, link_refusals, ["outbox_id"], ["times", "why", "aside_at"]), row)


async def set_aside(tx: AsyncConnection) -> dict[int, Aside]:
    """By link, what its other system refused for good."""
    query = sa.select(_waits.link_id, _refused.aside_at, _refused.why).select_from(_KEPT).where(_IS_ASIDE)
    found = dict[int, Aside]()
    for row in (await tx.execute(query.order_by(_refused.aside_at))).all():
        before = found.get(row.link_id)
        since = row.aside_at if before is None else before.since
        found[row.link_id] = Aside(1 if before is None else before.count + 1, since, row.why)
    return found


async def settle(tx: AsyncConnection, link: int, is_sent: bool) -> None:
    """What is set aside: it waits again in its old place, or is left out."""
    aside = sa.select(_waits.id).select_from(_KEPT).where((_waits.link_id == link) & _IS_ASIDE)
    of_them = [row.id for row in (await tx.execute(aside)).all()]
    await tx.execute(sa.delete(link_refusals).where(_refused.outbox_id.in_(of_them)))
    if not is_sent:
        await tx.execute(sa.delete(link_outbox).where(_waits.id.in_(of_them)))


async def waiting(tx: AsyncConnection) -> dict[int, int]:
    """By link, how much waits and is not set aside."""
    query = sa.select(_waits.link_id, sa.func.count()).select_from(_KEPT).where(~_IS_ASIDE).group_by(_waits.link_id)
    return {row[0]: row[1] for row in (await tx.execute(query)).all()}


async def numbers_of(tx: AsyncConnection, incident: int) -> dict[str, str]:
    """By the systems that know an incident, their numbers; empty: they have given none."""
    query = sa.select(_number.peer, _number.number).where(_number.incident_id == incident)
    return {row.peer: row.number or "" for row in (await tx.execute(query)).all()}


async def told(tx: AsyncConnection, peer: str, incident: int, own: str, at: float) -> None:
    """It is to be told of this incident for the first time."""
    row = {"peer": peer, "incident_id": incident, "own": own, "number": None, "state": "", "at": at}
    await tx.execute(sa.insert(job_numbers).values(row))


async def add_job(tx: AsyncConnection, peer: str, incident: int, own: str, number: str, state: str, at: float) -> None:
    """A job of theirs that has become an incident."""
    row = {"peer": peer, "incident_id": incident, "own": own, "number": number, "state": state, "at": at}
    await tx.execute(sa.insert(job_numbers).values(row))


async def told_state(tx: AsyncConnection, peer: str, incident: int, number: str, state: str, at: float) -> None:
    """Where it stands with them, and their number, where we did not know it."""
    where = (_number.peer == peer) & (_number.incident_id == incident)
    kept = sa.func.coalesce(_number.number, number)
    await tx.execute(sa.update(job_numbers).where(where).values(state=state, at=at, number=kept))


async def incident_by_own(tx: AsyncConnection, peer: str, own: str) -> int | None:
    """Which incident of ours that this system knows has that number."""
    query = sa.select(_number.incident_id).where((_number.peer == peer) & (_number.own == own))
    found = (await tx.execute(query)).scalar_one_or_none()
    return None if found is None else int(found)


class JobTakenBefore(NamedTuple):
    """A message that is on disk. `said`: digest of its body."""

    said: str
    incident_id: int
    at: float


async def job_taken(tx: AsyncConnection, key: str) -> JobTakenBefore | None:
    """By its key; None: it is not there."""
    row = job_intakes.c
    found = (await tx.execute(sa.select(row.said, row.incident_id, row.at).where(row.key == key))).one_or_none()
    return None if found is None else JobTakenBefore(*found)


async def add_job_taken(tx: AsyncConnection, key: str, source: str, one: JobTakenBefore) -> None:
    """In the transaction of what it did."""
    await tx.execute(sa.insert(job_intakes).values(key=key, source=source, **one._asdict()))


async def remove_jobs_taken(tx: AsyncConnection, before: float, most: int) -> int:
    """The oldest from before then: how many."""
    row = job_intakes.c
    oldest = sa.select(row.key).where(row.at < before).order_by(row.at).limit(most)
    return (await tx.execute(sa.delete(job_intakes).where(row.key.in_(oldest)))).rowcount


async def incident_by(tx: AsyncConnection, peer: str, number: str) -> int | None:
    """Which incident a system calls so."""
    query = sa.select(_number.incident_id).where((_number.peer == peer) & (_number.number == number))
    found = (await tx.execute(query)).scalar_one_or_none()
    return None if found is None else int(found)


async def keep_number(tx: AsyncConnection, peer: str, incident: int, number: str) -> None:
    """What another system calls an incident that it was told of."""
    where = (_number.peer == peer) & (_number.incident_id == incident)
    await tx.execute(sa.update(job_numbers).where(where).values(number=number))
