"""Which camera looks where a device raises an alarm. Source: GB/T 28181-2022 A.2.5.3 (DeviceID), A.2.1.9 (ParentID)."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.cameras.tables import catalogue_items

_item = catalogue_items.c


class AlarmSource(NamedTuple):
    """`kind`, `name`: of what the device lists under the code, empty: nothing. `camera`: empty where none can be said."""

    kind: str = ""
    name: str = ""
    camera: str = ""


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
