"""All SQL about steering."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.steering.model import Patrol, Sector, Stop
from fengsui.features.steering.tables import camera_holds, camera_homes, camera_patrols, camera_sectors, preset_pictures
from fengsui.store import upsert

Row = sa.Row[Any]


async def holds_left(tx: AsyncConnection) -> list[str]:
    """Cameras that somebody steered when the node ended without its goodbye."""
    return list((await tx.execute(sa.select(camera_holds.c.camera))).scalars())


async def begin_hold(tx: AsyncConnection, camera: str, user_id: int, name: str, since: float) -> None:
    """Of two for one camera the later stands."""
    values = {"camera": camera, "user_id": user_id, "name": name[:128], "since": since}
    await tx.execute(upsert(tx, camera_holds, ["camera"], ["user_id", "name", "since"]).values(**values))


async def end_hold(tx: AsyncConnection, camera: str) -> None:
    """Idempotent."""
    await tx.execute(sa.delete(camera_holds).where(camera_holds.c.camera == camera))


async def sectors(tx: AsyncConnection) -> dict[str, Sector]:
    """By camera."""
    rows = (await tx.execute(sa.select(camera_sectors))).all()
    return {
        row.camera: Sector(
            row.pan_from_deg, row.pan_to_deg, row.tilt_from_deg, row.tilt_to_deg, row.zoom_max, tuple(json.loads(row.presets))
        )
        for row in rows
    }


async def keep_sector(tx: AsyncConnection, camera: str, sector: Sector | None) -> None:
    """None: the camera may look anywhere."""
    if sector is None:
        await tx.execute(sa.delete(camera_sectors).where(camera_sectors.c.camera == camera))
        return
    names = ["pan_from_deg", "pan_to_deg", "tilt_from_deg", "tilt_to_deg", "zoom_max"]
    values = {name: getattr(sector, name) for name in names} | {"camera": camera, "presets": json.dumps(sector.presets)}
    await tx.execute(upsert(tx, camera_sectors, ["camera"], [*names, "presets"]).values(**values))


async def homes(tx: AsyncConnection) -> list[Row]:
    """Every home position that was set here."""
    return list((await tx.execute(sa.select(camera_homes))).all())


async def keep_home(tx: AsyncConnection, camera: str, **facts: object) -> None:
    """`facts`: enabled, preset, reset_time_s, by_node."""
    await tx.execute(upsert(tx, camera_homes, ["camera"], list(facts)).values(camera=camera, **facts))


async def patrols(tx: AsyncConnection) -> list[Patrol]:
    """Every patrol, by camera and number."""
    rows = (await tx.execute(sa.select(camera_patrols).order_by(camera_patrols.c.camera, camera_patrols.c.number))).all()
    return [
        Patrol(
            row.camera,
            row.number,
            row.name,
            tuple(Stop(*one) for one in json.loads(row.stops)),
            row.speed,
            bool(row.by_device),
            bool(row.running),
            row.begun_by,
        )
        for row in rows
    ]


async def keep_patrol(tx: AsyncConnection, one: Patrol) -> None:
    """In place of the one with its number."""
    facts = {
        "name": one.name,
        "speed": one.speed,
        "by_device": one.by_device,
        "running": one.running,
        "begun_by": one.begun_by[:128],
    }
    facts["stops"] = json.dumps([(stop.preset, stop.stay_s) for stop in one.stops])
    values = {"camera": one.camera, "number": one.number, **facts}
    await tx.execute(upsert(tx, camera_patrols, ["camera", "number"], list(facts)).values(**values))


async def remove_patrol(tx: AsyncConnection, camera: str, number: int) -> None:
    """Idempotent."""
    await tx.execute(sa.delete(camera_patrols).where(camera_patrols.c.camera == camera, camera_patrols.c.number == number))


async def pictures_of(tx: AsyncConnection, camera: str) -> dict[int, Row]:
    """By preset."""
    rows = (await tx.execute(sa.select(preset_pictures).where(preset_pictures.c.camera == camera))).all()
    return {row.preset: row for row in rows}


async def keep_picture(tx: AsyncConnection, camera: str, preset: int, **facts: object) -> None:
    """`facts`: device, hidden, taken_at."""
    await tx.execute(upsert(tx, preset_pictures, ["camera", "preset"], list(facts)).values(camera=camera, preset=preset, **facts))


async def forget_picture(tx: AsyncConnection, camera: str, preset: int) -> None:
    """Idempotent."""
    await tx.execute(sa.delete(preset_pictures).where(preset_pictures.c.camera == camera, preset_pictures.c.preset == preset))
