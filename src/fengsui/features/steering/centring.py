"""How a camera is turned to a point of its picture: by angles, by a box, or by a movement of computed length."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from fengsui.features.cameras import Cameras, Control, steering_of
from fengsui.features.steering.sectors import Sectors
from fengsui.wire.gb28181.control import PreciseMove, Zoom
from fengsui.wire.gb28181.edition import Edition

WINDOW = 1000
"""The picture's length and height in an order whose box is as large as the picture; only shares count."""
SPEED, CROSSING_S = 40, 2.0
"""Of a camera of which nothing is known: at this speed half a dome's picture goes by in about a second. A second click mends it."""
NEAR = 0.02


@dataclass(frozen=True, slots=True)
class Push:
    """A movement for some seconds; speeds -100 to 100."""

    pan: int
    tilt: int
    for_s: float


async def order_for(cameras: Cameras, sectors: Sectors, camera: str, x: float, y: float) -> PreciseMove | Zoom | Push:
    """`x`, `y`: shares of the picture from its upper left. Raises OutOfSector, UnknownCamera, UnknownDevice."""
    told = await sectors.position(camera)
    if told is not None and told.horizontal_field_deg and told.vertical_field_deg:
        assert told.pan_deg is not None and told.tilt_deg is not None, "an answer without them tells no position"
        pan = (told.pan_deg + (x - 0.5) * told.horizontal_field_deg) % 360
        place = PreciseMove(round(pan, 2), round(told.tilt_deg + (y - 0.5) * told.vertical_field_deg, 2))
        sectors.refuse_place(camera, place)
        return place
    device = cameras.device_of(await cameras.get(camera))
    if device.spoken_edition >= Edition.V2016:
        zoom = Zoom(True, WINDOW, WINDOW, round(x * WINDOW), round(y * WINDOW), WINDOW, WINDOW)
        await sectors.refuse_zoom(camera, zoom)
        return zoom
    across, down = x - 0.5, y - 0.5
    longest = max(abs(across), abs(down))
    if longest < NEAR:
        return Push(0, 0, 0)
    push = Push(round(SPEED * across / longest), round(-SPEED * down / longest), longest * CROSSING_S)
    await sectors.refuse_move(camera, steering_of(push.pan, push.tilt, 0))
    return push


async def send(control: Control, camera: str, order: PreciseMove | Zoom | Push) -> None:
    """Returns when a movement of computed length is over. Raises UnknownCamera, SignallingFault."""
    if isinstance(order, PreciseMove):
        await control.turn_to(camera, order)
    elif isinstance(order, Zoom):
        await control.zoom(camera, order)
    elif order.for_s:
        await control.move(camera, steering_of(order.pan, order.tilt, 0))
        await asyncio.sleep(order.for_s)
        await control.stop(camera)
