"""A simulated device that goes round and says where it is. Source: GB/T 28181-2022 §9.11, A.2.5.8."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.patrol_walk import Spot, Walk
from fengsui.wire.gb28181.position import Position, PositionNotification
from fengsui.wire.sip.headers import BEIJING

METRES_A_SECOND: Final = 8.0


def position_of(sn: int, code: str, spot: Spot, **more: Any) -> PositionNotification:
    """Of a device that is there now. `more`: other elements of the position."""
    now = datetime.now(BEIJING).replace(tzinfo=None).isoformat(timespec="milliseconds")
    facts: dict[str, Any] = {"time": now, "longitude": spot.longitude, "latitude": spot.latitude, **more}
    return PositionNotification(sn, code, now, (Position(code, **facts),))


async def tell_positions(device: SimulatedDevice, walk: Walk) -> None:
    """Goes round until cancelled and says where it is: by the subscription where there is one, else unasked, as many devices do."""
    sn, line = 0, device.position_line
    while True:
        await device.registered.wait()
        sn += 1
        told = position_of(sn, device.identity.code, walk.at)
        with suppress(TimeoutError, OSError):  # the next one tells more
            await (device.send(told) if line.dialog is None else device.report_by(line, told))
        await asyncio.sleep(line.interval_s)
        walk.go_round(line.interval_s * METRES_A_SECOND)
