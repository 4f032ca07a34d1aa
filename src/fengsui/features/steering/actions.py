"""Orders to a camera, in the order of what must be so before one is sent: nobody else steers, the sector, the record."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import FengsuiError
from fengsui.features.access import Access, Principal
from fengsui.features.audit import Act, Audit
from fengsui.features.cameras import Cameras, Control
from fengsui.features.masks import Masks
from fengsui.features.steering import centring
from fengsui.features.steering.hands import UNNUMBERED, Hands, Place
from fengsui.features.steering.holds import Holds, shown
from fengsui.features.steering.homes import Home, Homes
from fengsui.features.steering.model import HeldByOther, IntoMask, Patrol, Sector, box_meets
from fengsui.features.steering.patrols import Patrols, presets_of
from fengsui.features.steering.pictures import Photographer, PresetPictures
from fengsui.features.steering.sectors import Sectors
from fengsui.loops import keep
from fengsui.picture_worker import UNITS
from fengsui.store import Store
from fengsui.wire.gb28181 import ptz
from fengsui.wire.gb28181.control import Preset, Zoom

ROUNDS_EVERY_S = 0.5


class Steering:
    """Everything that turns a camera because a person wants it goes through here."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        access: Access,
        audit: Audit,
        cameras: Cameras,
        control: Control,
        masks: Masks,
        clock: Clock,
        *,
        photographer: Photographer,
        folder: Path,
        hold_s: float,
        settle_s: float,
    ) -> None:
        """`folder`: for the pictures of presets; `settle_s`: how long a camera needs to a preset."""
        self._audit = audit
        self._cameras = cameras
        self._control = control
        self._masks = masks
        self._hands = Hands()
        self.holds = Holds(store, bus, access, cameras, audit, control, clock, hold_s)
        self.sectors = Sectors(store, audit, control, clock)
        self.pictures = PresetPictures(store, cameras, masks, photographer, control, clock, folder, settle_s)
        may_go, on_move = self.sectors.may_go, self.pictures.moved
        self.patrols = Patrols(store, audit, control, clock, may_go=may_go, on_move=on_move)
        busy = self.patrols.is_touring
        self.homes = Homes(store, audit, control, clock, is_busy=busy, may_go=may_go, on_move=on_move)
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Reads what was kept; rounds of before the start go on."""
        for room in (self.holds, self.sectors, self.pictures, self.patrols, self.homes):
            await room.start()
        self._loops = [keep("patrols", self._go_rounds), keep("preset-pictures", self._take_pictures)]

    async def stop(self) -> None:
        """Nobody steers any more, and what turns is stopped."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        await self.sectors.stop()
        await self.holds.stop()

    async def _go_rounds(self) -> None:
        while True:
            await self.homes.return_idle()
            await self.patrols.go_on()
            await asyncio.sleep(ROUNDS_EVERY_S)

    async def _take_pictures(self) -> None:
        while True:
            await self.pictures.take_due()
            await asyncio.sleep(ROUNDS_EVERY_S)

    async def _admit(self, who: Principal, camera: str, act: Act, detail: str) -> None:
        """Raises HeldByOther, AuditUnavailable, UnknownCamera, StorageFault."""
        taken = "; takes control" if self.holds.refuse_other(who, camera) else ""
        await self._audit.record(who, act, camera, detail=f"{detail}{taken}")
        await self.holds.begin(who, camera)
        self.homes.used(camera)

    async def _still_mine(self, who: Principal, camera: str) -> None:
        """Somebody may have taken the camera while the order was under way: then it is stopped. Raises HeldByOther."""
        held = self.holds.of(camera)
        if held is None or not held.is_of(who):
            with suppress(FengsuiError):
                await self._control.stop(camera)
            if held is not None:
                raise HeldByOther(name=held.name, until=shown(held.until))

    async def move(self, who: Principal, camera: str, command: ptz.PtzCommand, detail: str, place: Place = UNNUMBERED) -> None:
        """Until `halt`, or until it is not repeated. A repetition is no order: nothing is sent, and nothing recorded.

        Nor is one that was meant before a stop, or that a stop overtakes on its way through here.
        Raises HeldByOther, OutOfSector, UnknownCamera, SignallingFault.
        """
        self.holds.refuse_other(who, camera)
        if self._hands.is_late(camera, place):
            return
        unless_halted = self._hands.unless_halted(camera)
        if self.holds.is_held_by(who, camera) and self._control.goes_on(camera, command):
            await self.holds.begin(who, camera)
            self.homes.used(camera)
            return
        await self.sectors.refuse_move(camera, command)
        await self._admit(who, camera, Act.CAMERA_PTZ, detail)
        self.pictures.moved(camera)
        await self.patrols.halt(camera)
        await self._control.move(camera, command, still=lambda: unless_halted() and self.holds.is_held_by(who, camera))
        await self._still_mine(who, camera)

    async def halt(self, who: Principal, camera: str, place: Place = UNNUMBERED) -> None:
        """A stop is never held back by the log; it does not take a camera. Raises HeldByOther, UnknownCamera, SignallingFault."""
        self.holds.refuse_other(who, camera)
        self._hands.is_late(camera, place)  # a late stop stops as well
        self._hands.halted(camera)
        self._audit.record_end(who, Act.CAMERA_PTZ_STOP, camera)
        if not await self.patrols.halt(camera):
            await self._control.stop(camera)

    async def zoom_on(self, who: Principal, camera: str, zoom: Zoom) -> None:
        """Raises HeldByOther, OutOfSector, IntoMask, UnknownCamera, SignallingFault."""
        self.holds.refuse_other(who, camera)
        await self._refuse_mask(who, camera, zoom)
        await self.sectors.refuse_zoom(camera, zoom)
        await self._admit(who, camera, Act.CAMERA_DRAG_ZOOM, "in" if zoom.inward else "out")
        self.pictures.moved(camera)
        await self.patrols.halt(camera)
        await self._control.zoom(camera, zoom)
        await self._still_mine(who, camera)

    async def _refuse_mask(self, who: Principal, camera: str, zoom: Zoom) -> None:
        """What is masked for somebody, they do not enlarge: the border of a mask is that of their picture (A11, A40)."""
        if not zoom.inward or not self._masks.has(camera):
            return
        known = await self._cameras.get(camera)
        masked = self._masks.of(known)
        if not self._masks.hides(known.facts, who):
            return
        length, width = zoom.window_length / UNITS, zoom.window_width / UNITS
        left, right = zoom.middle_x - zoom.box_length / 2, zoom.middle_x + zoom.box_length / 2
        top, bottom = zoom.middle_y - zoom.box_width / 2, zoom.middle_y + zoom.box_width / 2
        box = left / length, top / width, right / length, bottom / width
        here = (mask.points for mask in masked.masks if mask.valid and mask.preset == masked.position and mask.points)
        if any(box_meets(points, *box) for points in here):
            raise IntoMask()

    async def centre(self, who: Principal, camera: str, x: float, y: float) -> None:
        """Turns to a point of the picture, in shares of it. Raises HeldByOther, OutOfSector, UnknownCamera, SignallingFault."""
        self.holds.refuse_other(who, camera)
        wanted = await centring.order_for(self._cameras, self.sectors, camera, x, y)
        await self._admit(who, camera, Act.CAMERA_PTZ, f"centre {x:.3f}, {y:.3f}")
        self.pictures.moved(camera)
        await self.patrols.halt(camera)
        await centring.send(self._control, camera, wanted)
        await self._still_mine(who, camera)

    async def set_sector(self, camera: str, sector: Sector | None) -> None:
        """A round of the camera's own that leads out of it ends. Raises UnknownCamera, SignallingFault, StorageFault."""
        await self._cameras.get(camera)
        await self.sectors.set(camera, sector)
        running = self.patrols.running(camera)
        if running is not None and not all(self.sectors.may_go(camera, one.preset) for one in running.stops):
            await self.patrols.halt(camera)

    async def presets(self, camera: str) -> list[Preset]:
        """As the camera lists them. Raises UnknownCamera, SignallingFault."""
        return await self._control.presets(camera)

    async def set_preset(self, who: Principal, camera: str, preset: int, name: str) -> None:
        """Raises HeldByOther, UnknownCamera, SignallingFault, StorageFault."""
        await self._admit(who, camera, Act.PRESET_SET, str(preset))
        await self.pictures.forget(camera, preset)
        await self._control.preset(camera, ptz.PRESET_SET, preset, name)
        await self.sectors.redefined(camera, preset)
        self.pictures.soon(camera, preset, who, anew=True)

    async def delete_preset(self, who: Principal, camera: str, preset: int) -> None:
        """Raises HeldByOther, UnknownCamera, SignallingFault, StorageFault."""
        await self._admit(who, camera, Act.PRESET_DELETE, str(preset))
        await self._control.preset(camera, ptz.PRESET_DELETE, preset)
        await self.pictures.forget(camera, preset)
        await self.sectors.redefined(camera, preset, gone=True)

    async def go_to_preset(self, who: Principal, camera: str, preset: int) -> None:
        """Raises HeldByOther, OutOfSector, UnknownCamera, SignallingFault."""
        self.holds.refuse_other(who, camera)
        self.sectors.refuse_preset(camera, preset)
        await self._admit(who, camera, Act.PRESET_GO, str(preset))
        self.pictures.moved(camera)
        await self.patrols.halt(camera)
        await self._control.preset(camera, ptz.PRESET_GO, preset)
        await self._still_mine(who, camera)
        self.pictures.soon(camera, preset, who)

    async def set_home(self, who: Principal, camera: str, home: Home) -> None:
        """Raises HeldByOther, OutOfSector, NotDone, UnusableAnswer, UnknownCamera, SignallingFault, StorageFault."""
        self.holds.refuse_other(who, camera)
        if home.enabled:
            self.sectors.refuse_preset(camera, home.preset)
        by = ", by the node" if home.by_node else ""
        said = f"preset {home.preset} after {home.reset_time_s} s{by}" if home.enabled else "off"
        await self._admit(who, camera, Act.CAMERA_HOME, said)
        await self.homes.set(camera, home)

    async def set_patrol(self, who: Principal, wanted: Patrol) -> None:
        """Raises HeldByOther, OutOfSector, UnknownCamera, SignallingFault, StorageFault."""
        self.holds.refuse_other(who, wanted.camera)
        self.sectors.refuse_preset(wanted.camera, *presets_of(wanted.stops))
        where = "the camera" if wanted.by_device else "the node"
        points = ", ".join(f"{one.preset} for {one.stay_s} s" for one in wanted.stops)
        await self._admit(who, wanted.camera, Act.PATROL_SET, f"{wanted.number}, by {where}: {points}")
        await self.patrols.set(wanted)

    async def remove_patrol(self, who: Principal, camera: str, number: int) -> None:
        """Raises HeldByOther, UnknownPatrol, UnknownCamera, SignallingFault, StorageFault."""
        await self._admit(who, camera, Act.PATROL_REMOVE, str(number))
        await self.patrols.remove(camera, number)

    async def begin_patrol(self, who: Principal, camera: str, number: int) -> None:
        """It goes on when nobody steers. Raises HeldByOther, OutOfSector, UnknownPatrol, UnknownCamera, SignallingFault."""
        self.holds.refuse_other(who, camera)
        known = [one for one in self.patrols.of(camera) if one.number == number]
        self.sectors.refuse_preset(camera, *presets_of(stop for one in known for stop in one.stops))
        await self._admit(who, camera, Act.PATROL_BEGIN, str(number))
        self.pictures.moved(camera)
        await self.patrols.begin(camera, number, who.name)
        await self._still_mine(who, camera)

    async def end_patrol(self, who: Principal, camera: str) -> None:
        """Raises HeldByOther, UnknownCamera, SignallingFault, StorageFault."""
        await self._admit(who, camera, Act.PATROL_END, "")
        await self.patrols.halt(camera)
