"""What one person may say of a camera alone: within its county where it stands, and a class that keeps it from more eyes."""

from __future__ import annotations

from typing import Any

from fengsui.features.cameras.actions import Cameras
from fengsui.features.cameras.area_change import AreaMoved
from fengsui.features.cameras.class_change import class_notice, refuse_loosening
from fengsui.features.cameras.model import Camera, UnknownCamera
from fengsui.features.policy import Policy


async def write_alone(cameras: Cameras, policy: Policy, code: str, change: dict[str, Any]) -> Camera:
    """Writes it, with the notice to the owner whose camera it was or becomes, or nothing of it.

    Whether one person may is decided here, where nobody else writes the camera: its device may have moved it since somebody looked.
    Raises AreaMoved, ClassLoosened, UnknownCamera, AuditUnavailable.
    """
    async with cameras.store.transaction() as tx:
        held = (await cameras.held(tx, [code])).get(code)
        if held is None:
            raise UnknownCamera(camera=code)
        before, _ = held
        if "own_area" in change:
            was, becomes = (await cameras.shown_with_in(tx, [code], change["own_area"] or ""))[code]
            if was != becomes:
                raise AreaMoved(old=was or "*", new=becomes or "*")
        told = None
        if "camera_class" in change:
            new = cameras.class_of(change["camera_class"])
            refuse_loosening(before.camera_class, new)
            told = class_notice(before.facts, new)
        await cameras.write(tx, code, **change)
        if told is not None:
            await policy.owners.give(tx, before.facts, *told)
    return await cameras.get(code)
