"""Keeps masks, follows where cameras look, and tells whoever shows pictures what to hide."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from typing import Any

import structlog
from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.errors import StorageFault
from fengsui.features.access import Access, CameraFacts, Function, Place, Principal
from fengsui.features.audit import Audit
from fengsui.features.cameras import Camera, CameraPassed, Cameras, UnknownCamera
from fengsui.features.devices import DeviceCameOnline
from fengsui.features.masks import queries
from fengsui.features.masks.lifts import LOOK_EVERY_S, Lifts
from fengsui.features.masks.model import Mask, MaskedCamera, NothingToOpen, ViewNeedsTwo, check
from fengsui.features.masks.ports import MaskPositionLost, MasksChanged, Renditions
from fengsui.features.tickets import TicketChanged, Tickets
from fengsui.loops import keep
from fengsui.picture_worker import MaskPlan, Point
from fengsui.store import Store

log = structlog.get_logger(__name__)
MASKED = Gauge("fengsui_masked_cameras", "Cameras with privacy masks, by whether their position is known", ["position"])


class Masks:
    """Cameras without masks are not kept here: asking about one costs a look into a dict."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        access: Access,
        cameras: Cameras,
        audit: Audit,
        tickets: Tickets,
        *,
        settle_s: float,
        key: bytes,
    ) -> None:
        """`key`: seals the lifts in the database."""
        self._store = store
        self._bus = bus
        self._access = access
        self._steady = access.steady
        self._cameras = cameras
        self._audit = audit
        self._tickets = tickets
        self._settle_s = settle_s
        self._masked: dict[str, MaskedCamera] = {}
        self.lifts = Lifts(store, bus, access, cameras, audit, tickets, self._masked, key=key)
        self._number = 0
        self._settling: dict[str, asyncio.Task[None]] = {}
        self._loops: list[asyncio.Task[None]] = []
        self._following = False
        self._writing = asyncio.Lock()
        self._side_tasks: set[asyncio.Task[None]] = set()
        self.renditions: Renditions | None = None

    async def place_of(self, camera: str) -> CameraFacts | Place:
        """Where it lies, for the door."""
        return await self._cameras.place_of(camera)

    def shown_by(self, renditions: Renditions) -> None:
        """Who shows pictures; set at composition."""
        self.renditions = self.lifts.renditions = renditions

    async def start(self) -> None:
        """Reads masks and lifts, and follows devices that come anew (nobody knows where they look) and tickets that change."""
        async with self._store.reading() as tx:
            kept = await queries.all_masks(tx)
        for mask in kept:
            known = self._masked.get(mask.camera)
            if known is None:
                known = self._masked[mask.camera] = await self._known(mask.camera)
            known.masks = (*known.masks, mask)
        for known in self._masked.values():
            if known.position is not None and known.is_black_at(known.position):
                known.position = None  # it was turned, and nobody has drawn on what it shows since
        await self.lifts.read()
        await self.lifts.keep_to_tickets()
        self._loops = [keep("masks", self._follow), keep("lifts", self.lifts.end_in_time)]
        self._count()

    async def stop(self) -> None:
        """Ends following."""
        tasks = [*self._loops, *self._settling.values(), *self._side_tasks]
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
        with closing(self._bus.subscribe(DeviceCameOnline, CameraPassed, TicketChanged, name="masks")) as news:
            begins_anew, self._following = self._following, True
            if begins_anew:
                await self._look_at_all()
            while True:
                await self._heed(await news.batch())
                if news.has_lost():
                    log.warning("more was told than could be followed: all masks are looked at")
                    await self._look_at_all()

    async def _heed(self, events: list[Any]) -> None:
        for event in events:
            if isinstance(event, CameraPassed) and (passed := self._masked.get(event.code)) is not None:
                await self._hide_passed(passed, event.device)
        anew = {event.code for event in events if isinstance(event, DeviceCameOnline)}
        for masked in list(self._masked.values()):
            if masked.device in anew and masked.turns:
                await self._place(masked, None)
        if changed := {event.number for event in events if isinstance(event, TicketChanged)}:
            await self.lifts.surely_keep_to_tickets(changed)

    async def _look_at_all(self) -> None:
        """After events were lost, or heeded in part: whose each camera is, which came anew, what the tickets still hold. Whoever
        shows a picture is told anew what to hide.
        """
        for masked in list(self._masked.values()):
            with suppress(UnknownCamera):
                if (device := (await self._cameras.get(masked.code)).device) != masked.device:
                    await self._hide_passed(masked, device)
                    continue
            came_anew = self._cameras.arrivals_of(masked.device) > masked.arrivals
            await self._place(masked, None if masked.turns and came_anew else masked.position)
        await self.lifts.surely_keep_to_tickets(None)

    async def _hide_passed(self, masked: MaskedCamera, device: str) -> None:
        """The masks were drawn on another device's picture, and nobody was let see this one clear."""
        if masked.lifts:
            await self.lifts.end(masked, list(masked.lifts), "its code is another device's channel now")
        self._void_later(masked)
        await self._place(masked, None)
        masked.device = device  # last: what fails before is done at the next look

    def of(self, camera: Camera) -> MaskedCamera:
        """What is known of a camera's masks; a new, empty one for a camera without any."""
        return self._masked.get(camera.code) or MaskedCamera(camera.code, camera.device, camera.ptz_type)

    async def of_kept(self, code: str) -> MaskedCamera:
        """As `of`, also where the camera left: its footage shows what its masks hide. Raises UnknownCamera."""
        camera = await self._cameras.kept.get(code)
        return self._masked.get(code) or (
            MaskedCamera(code, "", 0) if camera.now is None else self.of(await self._cameras.get(code))
        )

    def has(self, camera: str) -> bool:
        """Whether anything of this camera is hidden from anybody."""
        return camera in self._masked

    def hides(self, camera: CameraFacts, who: Principal) -> bool:
        """Whether they get the masked picture: without a lift, without the post for it, and a program in any case, whose ticket may
        be handed on.
        """
        masked = self._masked.get(camera.code)
        if masked is None:
            return False
        lifted = not who.is_program and who.user_id in masked.clear_for(self.lifts.now())
        return not lifted or not self._access.may(who, Function.VIEW_UNMASKED, camera)

    def kept(self) -> dict[str, tuple[Mask, ...]]:
        """Every camera with its masks."""
        return {code: masked.masks for code, masked in self._masked.items()}

    def plan(self, camera: str) -> MaskPlan:
        """What is hidden now; all, for a camera that has no masks any more."""
        self._number += 1
        masked = self._masked.get(camera)
        return MaskPlan(self._number, blank=True) if masked is None else masked.plan(self._number)

    async def refuse_opening(self, code: str, preset: int) -> None:
        """What is black whole is opened by two. Raises ViewNeedsTwo, UnknownCamera."""
        if self.of(await self._cameras.get(code)).is_black_at(preset):
            raise ViewNeedsTwo()

    async def fits_view(self, code: str, preset: int, points: Sequence[Point]) -> tuple[Point, ...]:
        """The polygon with which a view that is black would be seen. Raises UnknownCamera, UnusableMask, NothingToOpen."""
        masked = self.of(await self._cameras.get(code))
        outline = check(masked, preset, points)
        if not masked.is_black_at(preset):
            raise NothingToOpen()
        return outline

    async def add(self, who: Principal, code: str, preset: int, name: str, points: Sequence[Point]) -> Mask:
        """Hides more, at once. Raises UnknownCamera, UnusableMask, ViewNeedsTwo."""
        async with self._writing:  # of two first masks of a camera one is the second
            camera = await self._cameras.get(code)
            masked = self.of(camera)
            outline = check(masked, preset, points)
            await self.refuse_opening(code, preset)
            async with self._store.transaction() as tx:
                number = await self.keep_mask(tx, code, preset, name, outline, made_by=who.user_id)
            mask = Mask(number, code, preset, name, outline)
            first = code not in self._masked
            masked = self._masked.setdefault(code, masked)
            masked.masks = (*masked.masks, mask)
        if first:
            masked.position = masked.rest()
            self.lifts.cut(masked)
        plan = await self._tell(masked)
        if self.renditions is not None:
            await self.renditions.begin_with(code, plan)
        return mask

    async def keep_mask(
        self, tx: AsyncConnection, code: str, preset: int, name: str, outline: Sequence[Point], *, made_by: int
    ) -> int:
        """Writes a mask; its number."""
        return await queries.add_mask(tx, code, preset, name, outline, made_by=made_by, now=self._steady.now_s())

    async def hide(self, code: str) -> None:
        """Nobody sees this camera until its masks are known."""
        masked = self._masked.get(code)
        if masked is None:
            masked = self._masked[code] = await self._known(code)
        masked.position = None
        await self._tell(masked)

    async def put_back(self, code: str, lost: Sequence[Mask]) -> None:
        """Masks that were deleted past the node, as the log has them, under new numbers: they hide again. Raises StorageFault."""
        async with self._writing:
            now, back = self._steady.now_s(), []
            async with self._store.transaction() as tx:
                for one in lost:
                    number = await queries.add_mask(tx, code, one.preset, one.name, one.points, made_by=0, now=now, valid=one.valid)
                    back.append(replace(one, id=number))
            masked = self._masked.get(code) or self._masked.setdefault(code, await self._known(code))
            masked.masks = (*masked.masks, *back)
        if not masked.turns:
            masked.position = masked.rest()
        self.lifts.cut(masked)
        await self._tell(masked)

    async def opened(self, code: str) -> None:
        """Two persons may have let a view of this camera be seen: takes over masks on disk that were not known."""
        async with self._store.reading() as tx:
            kept = [mask for mask in await queries.all_masks(tx) if mask.camera == code]
        masked = self._masked.get(code)
        known = {mask.id for mask in masked.masks} if masked is not None else set()
        fresh = tuple(mask for mask in kept if mask.id not in known)
        if masked is None or not fresh:
            return
        masked.masks = (*masked.masks, *fresh)
        if not masked.turns:
            masked.position = masked.rest()  # drawn on what it shows now
        await self._tell(masked)

    async def removed(self, code: str, number: int) -> None:
        """Two persons have removed this mask, if it is gone on disk. Other rows there count for nothing while the node runs."""
        async with self._store.reading() as tx:
            kept = {mask.id for mask in await queries.all_masks(tx)}
        masked = self._masked.get(code)
        if masked is None or number in kept:
            return
        masked.masks = tuple(mask for mask in masked.masks if mask.id != number)
        if masked.masks:
            await self._tell(masked)
            return
        del self._masked[code]
        if self.renditions is not None:
            self.renditions.cut_masked(code)
        self._count()
        self._bus.publish(MasksChanged(code))

    async def about_to_move(self, camera: str) -> None:
        """Before an order that turns the camera is sent: its picture is black when this returns (A40).

        Of one that cannot turn by its own word the masks are of another view then, for good. Raises StorageFault: then the order
        is not to be sent.
        """
        settling = self._settling.pop(camera, None)
        if settling is not None:
            settling.cancel()
        masked = self._masked.get(camera)
        if masked is None:
            return
        if not masked.turns:
            await self._void(masked, [mask for mask in masked.masks if mask.valid])
        if masked.position is not None:
            await self._place(masked, None)

    async def about_to_redefine(self, camera: str, preset: int) -> None:
        """Before an order that sets or deletes a preset is sent: the masks that were drawn at it hide nothing any more, for good,
        and the camera is black there until masks are drawn anew. Raises StorageFault: then the order is not to be sent.
        """
        masked = self._masked.get(camera)
        old = [mask for mask in masked.masks if mask.preset == preset and mask.valid] if masked is not None and masked.turns else []
        if masked is None or not old:
            return
        await self._void(masked, old)
        if masked.position == preset:
            await self._place(masked, None)
        self._bus.publish(MasksChanged(camera))

    async def _void(self, masked: MaskedCamera, old: Sequence[Mask]) -> None:
        """These were drawn on a view that is no more. Raises StorageFault."""
        if not old:
            return
        async with self._store.transaction() as tx:
            await queries.invalidate(tx, [mask.id for mask in old])
        masked.void(old)
        log.warning("another view than its masks were drawn on; it is black until they are drawn again", camera=masked.code)

    def _void_later(self, masked: MaskedCamera) -> None:
        """As `_void` with all of them, for what has happened already: black at once, and on disk as soon as that can be."""
        old = [mask for mask in masked.masks if mask.valid]
        masked.void(old)

        async def keep() -> None:
            while True:
                try:
                    return await self._void(masked, old)
                except StorageFault as error:
                    log.warning("that masks hide nothing any more is not in the database", what=str(error))
                    await asyncio.sleep(LOOK_EVERY_S)

        self._beside(keep())

    def _beside(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._side_tasks.add(task)
        task.add_done_callback(self._side_tasks.discard)

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
            if not masked.turns:
                self._void_later(masked)
            self._beside(self._place(masked, None))

    async def _place(self, masked: MaskedCamera, position: int | None) -> None:
        if position is None and masked.position is not None:
            self._bus.publish(MaskPositionLost(masked.code))
        if masked.position != position:
            masked.arrivals = self._cameras.arrivals_of(masked.device)
        masked.position = position
        await self._tell(masked)

    async def _tell(self, masked: MaskedCamera) -> MaskPlan:
        self._count()
        plan = self.plan(masked.code)
        if self.renditions is not None:
            await self.renditions.hide(masked.code, plan)
        self._bus.publish(MasksChanged(masked.code))
        return plan

    def _count(self) -> None:
        lost = sum(masked.position is None for masked in self._masked.values())
        MASKED.labels("unknown").set(lost)
        MASKED.labels("known").set(len(self._masked) - lost)
