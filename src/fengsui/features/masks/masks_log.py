"""The masks of each camera in the audit log itself, after every change: one that was removed or changed past the node is found at
the next start, and recorded as such (rule A36). One that was removed hides again: two persons remove a mask, and no database.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from contextlib import closing, suppress
from typing import Any

import msgspec
import structlog

from fengsui.bus import Bus
from fengsui.errors import FengsuiError
from fengsui.features.audit import NODE, Act, Audit, Result, as_recorded, was_cut
from fengsui.features.masks.actions import Masks
from fengsui.features.masks.model import Mask
from fengsui.features.masks.ports import MasksChanged
from fengsui.loops import keep
from fengsui.picture_worker import Point

log = structlog.get_logger(__name__)
AGAIN_S = 5.0
NONE = "[]"
REMOVED = re.compile(r"mask (\d+)\b")
CHANGED = "masks are not as the log holds them: changed past the node, or by a node that died before it could record"


class MasksLog:
    """Its records come after the record of the act."""

    def __init__(self, masks: Masks, audit: Audit, bus: Bus) -> None:
        self._masks = masks
        self._audit = audit
        self._bus = bus
        self._told: dict[str, str] = {}
        """By camera: what the log holds last."""
        self._first = True
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """After `Masks.start`: compares what it read with the log, before anybody sees a picture, and follows from then on."""
        with suppress(FengsuiError, OSError):  # it is tried again beside everything else
            await self._begin()
        self._task = keep("masks-log", self._follow)

    async def stop(self) -> None:
        """What is not recorded yet is at the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            if not self._first:  # else what the database holds was never compared
                with suppress(FengsuiError, OSError):
                    await self._tell(found=False)

    async def _follow(self) -> None:
        with closing(self._bus.subscribe(MasksChanged, name="masks-log")) as news:
            while True:  # the whole state each time: what was lost of the news is in it
                try:
                    await (self._begin() if self._first else self._tell(found=False))
                except (FengsuiError, OSError) as error:
                    log.warning("the state of masks is not recorded yet", what=str(error))
                    await asyncio.sleep(AGAIN_S)
                    continue
                await news.batch()

    async def _begin(self) -> None:
        """Nothing is recorded as so before it is so: what fails here is found again at the next try."""
        self._told = await self._audit.known.newest_of_each(Act.MASKS_STATE)
        kept, alarmed = self._masks.kept(), set[str]()
        for camera in sorted(self._told):
            removed = await self._removed(camera)
            self._told[camera] = without(self._told[camera], removed)
            lost = lost_of(camera, self._told[camera], kept.get(camera, ()))
            if lost:
                log.error("masks were removed past the node; they hide again", camera=camera, masks=len(lost))
                alarmed.add(camera)
                await self._masks.hide(camera)
                await self._audit.record(NODE, Act.DATABASE_CHANGED, camera, detail=CHANGED, result=Result.REFUSED)
                await self._masks.put_back(camera, lost)
        await self._tell(found=True, alarmed=alarmed)
        self._first = False

    async def _removed(self, camera: str) -> frozenset[int]:
        """Masks that two persons have removed since the log holds the camera's state."""
        state = await self._audit.known.newest(Act.MASKS_STATE, camera)
        records = await self._audit.known.records(Act.MASK_REMOVE, camera) if state is not None else []
        since = (one for one in records if state is not None and one.sequence > state.sequence and one.result == Result.ALLOWED)
        return frozenset(int(found[1]) for one in since if (found := REMOVED.match(one.detail)) is not None)

    async def _tell(self, *, found: bool, alarmed: Collection[str] = ()) -> None:
        now = {camera: as_recorded(written(masks)) for camera, masks in self._masks.kept().items()}
        for camera in sorted(now.keys() | self._told.keys()):
            state = now.get(camera, NONE)
            if self._told.get(camera, NONE) == state:
                continue
            if found and self._told and camera not in alarmed and not was_cut(self._told.get(camera, NONE)):
                log.error("masks were changed past the node", camera=camera)
                await self._audit.record(NODE, Act.DATABASE_CHANGED, camera, detail=CHANGED, result=Result.REFUSED)
            await self._audit.record(NODE, Act.MASKS_STATE, camera, detail=state)
            self._told[camera] = state


def written(masks: tuple[Mask, ...]) -> str:
    """As the log holds them: number, preset, corners, by number, and of those that hide nothing any more, false. The name hides
    nothing.
    """
    kept = [(one.id, one.preset, one.points, *(() if one.valid else (False,))) for one in sorted(masks, key=lambda one: one.id)]
    return msgspec.json.encode(kept).decode()


def lost_of(camera: str, state: str, kept: tuple[Mask, ...]) -> list[Mask]:
    """Masks that a state in the log has and the database has not; of a state that cannot be read, none."""
    numbers = {one.id for one in kept}
    hidden = {(one.preset, one.points, one.valid) for one in kept}
    try:
        masks = [Mask(number, camera, preset, "", _points(points), *valid) for number, preset, points, *valid in _read(state)]
    except (ValueError, TypeError):
        return []
    return [one for one in masks if one.id not in numbers and (one.preset, one.points, one.valid) not in hidden]


def without(state: str, numbers: Collection[int]) -> str:
    """A state in the log without these masks."""
    if not numbers:
        return state
    try:
        return msgspec.json.encode([one for one in _read(state) if one[:1] and one[0] not in numbers]).decode()
    except ValueError:
        return state


def _read(state: str) -> list[list[Any]]:
    return msgspec.json.decode(state, type=list[list[Any]])


def _points(told: list[list[int]]) -> tuple[Point, ...]:
    return tuple((x, y) for x, y in told)
