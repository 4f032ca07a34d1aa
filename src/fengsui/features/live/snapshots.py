"""A still that somebody keeps of what they see live: an act of its own, and of the masked rendition only (rules A27, A40)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from fengsui.clock import Clock
from fengsui.errors import OperatorFault
from fengsui.features.access import Access, Function, Principal
from fengsui.features.audit import Act, Audit
from fengsui.features.cameras import Cameras
from fengsui.features.live.session import LiveSession
from fengsui.features.masks import Masks


class SnapshotOfClear(OperatorFault):
    """The picture is seen clear under a lift of its masks: that right is to look, not to keep."""

    code = "live.snapshot_of_clear"
    rule = "A40"
    status = 409
    zh = "该画面正处于解除遮挡状态,不能截图"
    en = "The picture is seen without its masks: no snapshot of it is kept"
    remedy_zh = "截图只能取自有遮挡的画面;请在解除遮挡结束后重试"
    remedy_en = "Snapshots are of masked pictures only: try again when the lift has ended"


class Snapshot(NamedTuple):
    """What stands on the still. `at`: the node's time; `ticket`: under which it is seen, empty without one."""

    at: datetime
    camera: str
    name: str
    ticket: str


class Snapshots:
    """Lets a still of a running live session be kept, once it is on record."""

    def __init__(self, access: Access, audit: Audit, cameras: Cameras, masks: Masks, clock: Clock) -> None:
        self._access = access
        self._audit = audit
        self._cameras = cameras
        self._masks = masks
        self._clock = clock

    async def take(self, who: Principal, session: LiveSession) -> Snapshot:
        """Of one's own session. Raises UnknownCamera, Refusal, SnapshotOfClear, AuditUnavailable."""
        camera = await self._cameras.get(session.camera)
        ground = self._access.check(who, Function.VIEW_LIVE, camera.facts)
        has_masks = self._masks.has(camera.code)
        if has_masks and not session.masked:
            raise SnapshotOfClear()
        how = "masked" if has_masks else "no masks"
        await self._audit.record(who, Act.SNAPSHOT, camera.code, range=session.stream, detail=how, recipient=who.name, under=ground)
        return Snapshot(self._clock.now(), camera.code, camera.name, ground.ticket)
