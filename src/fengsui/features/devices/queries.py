"""All SQL about devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.devices.tables import devices, waiting_devices
from fengsui.store import upsert

BINDING = ("transport", "host", "port", "call_id", "edition", "registered_at", "expires_at", "last_seen_at", "user_agent")
ADDRESSES = sa.select(devices.c.code, devices.c.host).where(devices.c.host != "").order_by(devices.c.code)
"""Each registered device and where it is reached."""


async def all_devices(tx: AsyncConnection) -> Sequence[sa.Row[Any]]:
    """Every known device."""
    return (await tx.execute(sa.select(devices))).all()


async def write_bindings(tx: AsyncConnection, rows: list[dict[str, Any]]) -> None:
    """Registrations of one batch, new devices included."""
    await tx.execute(upsert(tx, devices, ["code"], BINDING), rows)


async def write_facts(tx: AsyncConnection, code: str, **facts: Any) -> None:
    """Some columns of one device."""
    await tx.execute(sa.update(devices).where(devices.c.code == code).values(**facts))


async def touch(tx: AsyncConnection, rows: list[dict[str, Any]]) -> None:
    """When devices were last heard: `b_code`, `seen`."""
    await tx.execute(
        sa.update(devices).where(devices.c.code == sa.bindparam("b_code")).values(last_seen_at=sa.bindparam("seen")), rows
    )


async def move(tx: AsyncConnection, rows: list[dict[str, Any]]) -> None:
    """Where devices are reached now: `b_code`, `b_transport`, `b_host`, `b_port`."""
    there: dict[str, Any] = {name: sa.bindparam(f"b_{name}") for name in ("transport", "host", "port")}
    await tx.execute(sa.update(devices).where(devices.c.code == sa.bindparam("b_code")).values(**there), rows)


async def remove(tx: AsyncConnection, code: str) -> None:
    """Forgets a device."""
    await tx.execute(sa.delete(devices).where(devices.c.code == code))


async def waiting(tx: AsyncConnection) -> Sequence[sa.Row[Any]]:
    """The waiting list, newest first."""
    return (await tx.execute(sa.select(waiting_devices).order_by(waiting_devices.c.last_seen_at.desc()))).all()


async def write_waiting(tx: AsyncConnection, rows: list[dict[str, Any]]) -> None:
    """Entries of the waiting list, at least one."""
    names = [name for name in rows[0] if name != "code"]
    await tx.execute(upsert(tx, waiting_devices, ["code"], names), rows)


async def remove_waiting(tx: AsyncConnection, codes: list[str]) -> None:
    """Takes entries off the list, at least one."""
    gone = sa.delete(waiting_devices).where(waiting_devices.c.code == sa.bindparam("gone"))
    await tx.execute(gone, [{"gone": code} for code in codes])
