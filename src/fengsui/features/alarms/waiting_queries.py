"""All SQL about who reports without being known."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.alarms.tables import waiting_alarm_hosts
from fengsui.store import upsert


async def waiting(tx: AsyncConnection) -> Sequence[sa.Row[Any]]:
    """The newest first."""
    return (await tx.execute(sa.select(waiting_alarm_hosts).order_by(waiting_alarm_hosts.c.last_seen_at.desc()))).all()


async def write_waiting(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """New ones and those that changed."""
    columns = [one.name for one in waiting_alarm_hosts.columns if one.name != "account"]
    await tx.execute(upsert(tx, waiting_alarm_hosts, ["account"], columns), list(rows))


async def remove_waiting(tx: AsyncConnection, accounts: Collection[str]) -> None:
    """Those that are no longer on the list, at least one."""
    gone = sa.delete(waiting_alarm_hosts).where(waiting_alarm_hosts.c.account == sa.bindparam("gone"))
    await tx.execute(gone, [{"gone": account} for account in accounts])


async def remove_all_waiting(tx: AsyncConnection) -> None:
    """The list begins anew."""
    await tx.execute(sa.delete(waiting_alarm_hosts))
