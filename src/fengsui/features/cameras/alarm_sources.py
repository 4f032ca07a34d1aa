"""Which camera looks where a device raises an alarm. Source: GB/T 28181-2022 A.2.5.3 (DeviceID), A.2.1.9 (ParentID)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.cameras.tables import catalogue_items
from fengsui.wire.gb_code import CodeKind

_item = catalogue_items.c
AT_ONCE: Final = 1_000
"""Values of one statement."""


class AlarmSource(NamedTuple):
    """`kind`, `name`: of what the device lists under the code, empty: nothing. `camera`: empty where none can be said."""

    kind: str = ""
    name: str = ""
    camera: str = ""


OUTPUT: Final = "135"
"""Digits 11 to 13 of an alarm output, which reports nothing (annex E.1)."""


async def with_alarm_inputs(tx: AsyncConnection, devices: Collection[str]) -> set[str]:
    """Which of these devices list an alarm input: a detector, a button, a contact."""
    found = set[str]()
    for at in range(0, len(codes := list(devices)), AT_ONCE):
        where = _item.device.in_(codes[at : at + AT_ONCE]) & (_item.kind == CodeKind.ALARM_POINT.value)
        rows = (await tx.execute(sa.select(_item.device, _item.code).where(where))).all()
        found |= {row.device for row in rows if row.code[10:13] != OUTPUT}
    return found


async def alarm_sources(tx: AsyncConnection, told: Collection[tuple[str, str]]) -> dict[tuple[str, str], AlarmSource]:
    """By device and the code that it names: the camera itself, the one above an alarm input, else the device's only one.

    Never another device's.
    """
    found, lone_of = dict[tuple[str, str], AlarmSource](), set[str]()
    columns = _item.device, _item.code, _item.kind, _item.name, _item.parents
    rows = (await tx.execute(sa.select(*columns).where(_item.code.in_({code for _, code in told})))).all()
    items = {(row.device, row.code): row for row in rows}
    elsewhere = {row.code for row in rows if row.kind == "camera"}
    above = {(device, one) for (device, _), row in items.items() for one in row.parents.split("/") if one}
    where = _item.code.in_({code for _, code in above}) & (_item.kind == "camera")
    cameras = (await tx.execute(sa.select(_item.device, _item.code).where(where))).all() if above else []
    linked = {(row.device, row.code) for row in cameras} & above
    for device, code in told:
        item = items.get((device, code))
        if item is None:
            found[device, code] = AlarmSource()
        elif item.kind == "camera":
            found[device, code] = AlarmSource(item.kind, item.name, code)
        else:
            camera = next((one for one in item.parents.split("/") if (device, one) in linked), "")
            found[device, code] = AlarmSource(item.kind, item.name, camera)
        if not found[device, code].camera and code not in elsewhere:
            lone_of.add(device)
    if lone_of:
        lone = sa.select(_item.device, sa.func.min(_item.code).label("code")).where(
            _item.device.in_(lone_of) & (_item.kind == "camera")
        )
        one_each = (await tx.execute(lone.group_by(_item.device).having(sa.func.count() == 1))).all()
        only = {row.device: row.code for row in one_each}
        for (device, code), source in found.items():
            if not source.camera and code not in elsewhere:
                found[device, code] = source._replace(camera=only.get(device, ""))
    return found
