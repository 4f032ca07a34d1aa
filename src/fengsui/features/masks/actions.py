"""Keeps masks, follows where cameras look, and tells whoever shows pictures what to hide."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from prometheus_client import Gauge

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.features.access import CameraFacts, Place, Principal
from fengsui.features.cameras import Camera, Cameras, UnknownCamera
from fengsui.features.devices import DeviceCameOnline
from fengsui.features.masks import queries
from fengsui.features.masks.model import Mask, MaskedCamera, MaskLift, check
from fengsui.features.masks.ports import MaskPositionLost, MasksChanged, Renditions
from fengsui.picture_worker import MaskPlan, Point
from fengsui.store import Store

log = structlog.get_logger(__name__)
MASKED = Gauge("fengsui_masked_cameras", "Cameras with privacy masks, by whether their position is known", ["position"])


class Masks:
    """Cameras without masks are not kept here: asking about one costs a look into a dict."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, cameras: Cameras, settle_s: float) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._cameras = cameras
        self._settle_s = settle_s
        self._masked: dict[str, MaskedCamera] = {}
        self._number = 0
        self._settling: dict[str, asyncio.Task[None]] = {}
        self._follower: asyncio.Task[None] | None = None
        self._ending: asyncio.TimerHandle | None = None
        self._side_tasks: set[asyncio.Task[None]] = set()
        self.renditions: Renditions | None = None

    async def place_of(self, camera: str) -> CameraFacts | Place:
        """Where it lies, for the door."""
        return await self._cameras.place_of(camera)

    async def start(self) -> None:
        """Reads masks and lifts, and follows devices that come anew: nobody knows where they look."""
        now = self._clock.now().timestamp()
        async with self._store.reading() as tx:
            kept, lifts = await queries.all_masks(tx), await queries.lifts_after(tx, now)
        for mask in kept:
            known = self._masked.get(mask.camera)
            if known is None:
                known = self._masked[mask.camera] = await self._known(mask.camera)
            known.masks = (*known.masks, mask)
        for row in lifts:
            if (lifted := self._masked.get(row.camera)) is not None:
                lifted.lifts.append(_lift(row))
        self._follower = asyncio.create_task(self._follow())
        self._await_next_end()
        self._count()

    async def stop(self) -> None:
        """Ends following."""
        if self._ending is not None:
            self._ending.cancel()
        tasks = [task for task in (self._follower, *self._settling.values(), *self._side_tasks) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _known(self, code: str) -> MaskedCamera:
        """A camera that its device does not list any more keeps its masks, and stays black."""
        try:
            camera = await self._cameras.get(code)
        except UnknownCamera:
            return MaskedCamera(code, "", 0)
        known = MaskedCamera(camera.code, camera.device, camera.ptz_type)
        known.position = known.rest()
        return known

    async def _follow(self) -> None:
        news = self._bus.subscribe(DeviceCameOnline, name="masks")
        while True:
            anew = {event.code for event in await news.batch() if isinstance(event, DeviceCameOnline)}
            for masked in self._masked.values():
                if masked.device in anew and masked.turns:
                    await self._place(masked, None)

    def of(self, camera: Camera) -> MaskedCamera:
        """What is known of a camera's masks; a new, empty one for a camera without any."""
        return self._masked.get(camera.code) or MaskedCamera(camera.code, camera.device, camera.ptz_type)

    def has(self, camera: str) -> bool:
        """Whether anything of this camera is hidden from anybody."""
        return camera in self._masked

    def hides(self, camera: str, who: Principal) -> bool:
        """Whether this person gets the masked picture."""
        masked = self._masked.get(camera)
        return masked is not None and who.user_id not in masked.clear_for(self._clock.now())

    def plan(self, camera: str) -> MaskPlan:
        """What is hidden now; all, for a camera that has no masks any more."""
        self._number += 1
        masked = self._masked.get(camera)
        return MaskPlan(self._number, blank=True) if masked is None else masked.plan(self._number)

    async def add(self, who: Principal, code: str, preset: int, name: str, points: Sequence[Point]) -> Mask:
        """Hides more, at once. Raises UnknownCamera, UnusableMask."""
        camera = await self._cameras.get(code)
        masked = self.of(camera)
        outline = check(masked, preset, points)
        async with self._store.transaction() as tx:
            now = self._clock.now().timestamp()
            number = await queries.add_mask(tx, code, preset, name, outline, made_by=who.user_id, now=now)
        mask = Mask(number, code, preset, name, outline)
        first = code not in self._masked
        masked = self._masked.setdefault(code, masked)
        masked.masks = (*masked.masks, mask)
        if not masked.turns:
            masked.position = masked.rest()  # drawn on what is seen now
        if first:
            self._cut(masked)
        await self._tell(masked)
        return mask

    async def read_again(self, code: str) -> None:
        """Masks or lifts of this camera have changed on disk."""
        now = self._clock.now().timestamp()
        async with self._store.reading() as tx:
            kept = tuple(mask for mask in await queries.all_masks(tx) if mask.camera == code)
            lifts = [row for row in await queries.lifts_after(tx, now) if row.camera == code]
        if not kept:
            self._masked.pop(code, None)
            if self.renditions is not None:
                self.renditions.cut_masked(code)
        else:
            masked = self._masked.get(code) or await self._known(code)
            self._masked[code] = masked
            before = masked.clear_for(self._clock.now())
            masked.masks, masked.lifts = kept, [_lift(row) for row in lifts]
            if self.renditions is not None and masked.clear_for(self._clock.now()) - before:
                self.renditions.cut_masked(code)  # whoever may see clear now opens it again
            self._await_next_end()
            await self._tell(masked)
        self._count()
        self._bus.publish(MasksChanged(code))

    async def end_lifts(self, code: str, user_id: int) -> None:
        """Gives a lift back before its time. Idempotent."""
        masked = self._masked.get(code)
        mine = [lift for lift in masked.lifts if lift.user_id == user_id] if masked is not None else []
        if masked is None or not mine:
            return
        async with self._store.transaction() as tx:
            await queries.end_lifts(tx, [lift.id for lift in mine], self._clock.now().timestamp())
        masked.lifts = [lift for lift in masked.lifts if lift not in mine]
        self._cut(masked)
        self._bus.publish(MasksChanged(code))

    def _cut(self, masked: MaskedCamera) -> None:
        if self.renditions is not None:
            self.renditions.cut_clear(masked.code, masked.clear_for(self._clock.now()))

    def _await_next_end(self) -> None:
        """One timer for whichever lift ends first."""
        if self._ending is not None:
            self._ending.cancel()
        ends = [lift.until for masked in self._masked.values() for lift in masked.lifts]
        if ends:
            wait_s = max(0.0, (min(ends) - self._clock.now()).total_seconds())
            self._ending = asyncio.get_running_loop().call_later(min(wait_s, 3600.0), self._end_lifts)

    def _end_lifts(self) -> None:
        now = self._clock.now()
        for masked in self._masked.values():
            ended = [lift for lift in masked.lifts if lift.until <= now]
            if ended:
                masked.lifts = [lift for lift in masked.lifts if lift.until > now]
                self._cut(masked)
                self._bus.publish(MasksChanged(masked.code))
        self._await_next_end()

    async def about_to_move(self, camera: str) -> None:
        """Before an order that turns the camera is sent: its picture is black when this returns (A40)."""
        settling = self._settling.pop(camera, None)
        if settling is not None:
            settling.cancel()
        masked = self._masked.get(camera)
        if masked is not None and masked.position is not None:
            await self._place(masked, None)

    def sent_to_preset(self, camera: str, preset: int) -> None:
        """An order to go there was sent: its masks are laid on when it has arrived."""
        masked = self._masked.get(camera)
        if masked is not None and masked.turns:
            self._settling[camera] = asyncio.create_task(self._arrive(masked, preset))

    async def _arrive(self, masked: MaskedCamera, preset: int) -> None:
        await asyncio.sleep(self._settle_s)
        self._settling.pop(masked.code, None)
        await self._place(masked, preset)

    def shifted(self, camera: str) -> None:
        """The picture turned although nobody here ordered it: the camera itself, or another platform."""
        masked = self._masked.get(camera)
        if masked is not None and masked.position is not None:
            log.warning("a camera turned under its masks; its picture is black", camera=camera)
            task = asyncio.create_task(self._place(masked, None))
            self._side_tasks.add(task)
            task.add_done_callback(self._side_tasks.discard)

    async def _place(self, masked: MaskedCamera, position: int | None) -> None:
        if position is None and masked.position is not None:
            self._bus.publish(MaskPositionLost(masked.code))
        masked.position = position
        await self._tell(masked)

    async def _tell(self, masked: MaskedCamera) -> None:
        self._count()
        if self.renditions is not None:
            await self.renditions.hide(masked.code, self.plan(masked.code))
        self._bus.publish(MasksChanged(masked.code))

    def _count(self) -> None:
        lost = sum(masked.position is None for masked in self._masked.values())
        MASKED.labels("unknown").set(lost)
        MASKED.labels("known").set(len(self._masked) - lost)


def _lift(row: queries.Row) -> MaskLift:
    return MaskLift(row.id, row.camera, row.user_id, datetime.fromtimestamp(row.until, UTC), row.reason)
