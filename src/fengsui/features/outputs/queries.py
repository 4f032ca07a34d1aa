"""All SQL about outputs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.outputs.model import Output, Pulse
from fengsui.features.outputs.tables import output_pulses, outputs
from fengsui.store import insert_sealed, is_row_whole

_output, _pulse = outputs.c, output_pulses.c
_PULSE: Final = [_pulse[name] for name in Pulse._fields]
REMOVED_AT_ONCE: Final = 200


async def all_outputs(tx: AsyncConnection) -> list[Output]:
    """Each with whether the node wrote it so."""
    rows = (await tx.execute(sa.select(outputs).order_by(_output.id))).all()
    return [Output(row.id, row.name, row.area, row.camera, row.switch, row.made_at, is_row_whole(tx, outputs, row)) for row in rows]


async def add_output(tx: AsyncConnection, row: Mapping[str, Any]) -> None:
    """A new one."""
    await insert_sealed(tx, outputs, row)


async def remove_output(tx: AsyncConnection, id: int) -> None:
    """With what was ordered of it, which stands in the audit log."""
    await tx.execute(sa.delete(output_pulses).where(_pulse.output_id == id))
    await tx.execute(sa.delete(outputs).where(_output.id == id))


async def is_there(tx: AsyncConnection, id: int) -> bool:
    """Whether there is such an output by now."""
    return (await tx.execute(sa.select(_output.id).where(_output.id == id))).first() is not None


async def put_pulse(tx: AsyncConnection, one: Pulse) -> None:
    """From the commit on it is to be switched on, and off."""
    await tx.execute(sa.insert(output_pulses).values({name: value for name, value in one._asdict().items() if name != "id"}))


async def unfinished(tx: AsyncConnection) -> list[int]:
    """Outputs of which an order is not over."""
    query = sa.select(_pulse.output_id).where(_pulse.ended_at == 0).distinct()
    return [row.output_id for row in (await tx.execute(query)).all()]


async def pulses_of(tx: AsyncConnection, output: int) -> list[Pulse]:
    """That are not over, the oldest first."""
    where = (_pulse.output_id == output) & (_pulse.ended_at == 0)
    return [Pulse(*row) for row in (await tx.execute(sa.select(*_PULSE).where(where).order_by(_pulse.id))).all()]


async def last_pulses(tx: AsyncConnection, of: Collection[int]) -> dict[int, list[Pulse]]:
    """Of each output those that are not over, and the last one; the oldest first."""
    last = sa.select(sa.func.max(_pulse.id)).where(_pulse.output_id.in_(list(of))).group_by(_pulse.output_id)
    where = _pulse.id.in_(last) | ((_pulse.ended_at == 0) & _pulse.output_id.in_(list(of)))
    found: dict[int, list[Pulse]] = {}
    for row in (await tx.execute(sa.select(*_PULSE).where(where).order_by(_pulse.id))).all():
        found.setdefault(row.output_id, []).append(Pulse(*row))
    return found


async def change_pulses(tx: AsyncConnection, ids: Collection[int], values: Mapping[str, Any]) -> None:
    """What became of them."""
    await tx.execute(sa.update(output_pulses).where(_pulse.id.in_(list(ids))).values(values))


async def begin_pulse(tx: AsyncConnection, id: int, now: float, until: float) -> bool:
    """The device is on; False: it was called off meanwhile, and is to go off."""
    on = sa.update(output_pulses).where(_pulse.id == id)
    begun = await tx.execute(on.where(_pulse.until == 0).values(on_at=now, until=until, fault=""))
    if begun.rowcount:
        return True
    await tx.execute(on.values(on_at=now))
    return False


async def cut_short(tx: AsyncConnection, output: int, now: float) -> None:
    """All of them are to end now."""
    where = (_pulse.output_id == output) & (_pulse.ended_at == 0) & ((_pulse.until == 0) | (_pulse.until > now))
    await tx.execute(sa.update(output_pulses).where(where).values(until=now))


async def remove_before(tx: AsyncConnection, at: float) -> None:
    """The oldest that were over before then; a bounded number at once."""
    where = (_pulse.ended_at > 0) & (_pulse.ended_at < at)
    oldest = sa.select(_pulse.id).where(where).order_by(_pulse.ended_at).limit(REMOVED_AT_ONCE)
    await tx.execute(sa.delete(output_pulses).where(_pulse.id.in_(oldest)))
