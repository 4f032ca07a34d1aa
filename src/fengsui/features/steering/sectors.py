"""Keeps cameras inside the sector set for them: by their own word where they tell their position, else by presets (A11)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from fengsui.clock import Clock
from fengsui.errors import FengsuiError
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.cameras import Control
from fengsui.features.devices import SignallingFault
from fengsui.features.steering import queries
from fengsui.features.steering.model import OutOfSector, Sector
from fengsui.loops import keep
from fengsui.store import Store
from fengsui.wire.gb28181 import ptz
from fengsui.wire.gb28181.control import PreciseMove, Zoom
from fengsui.wire.gb28181.dome import DomePositionAnswer

LOOK_EVERY_S, WATCHED_S, SILENT_S = 0.25, 4.0, 60.0
"""How often a camera that moves in a sector is asked where it looks, how long after its last order, and when one that did not tell
is asked again."""


class Sectors:
    """Cameras without a sector cost a look into a dict."""

    def __init__(self, store: Store, audit: Audit, control: Control, clock: Clock) -> None:
        self._store = store
        self._audit = audit
        self._control = control
        self._clock = clock
        self._known: dict[str, Sector] = {}
        self._silent: dict[str, float] = {}
        """Cameras that do not tell their position, and when they are asked again."""
        self._watched: dict[str, float] = {}
        self._wanted = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Reads the sectors."""
        async with self._store.reading() as tx:
            self._known = await queries.sectors(tx)
        self._loop = keep("sectors", self._keep)

    async def stop(self) -> None:
        """Watches no more."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)

    def of(self, camera: str) -> Sector | None:
        """None: it may look anywhere."""
        return self._known.get(camera)

    async def set(self, camera: str, sector: Sector | None) -> None:
        """Raises StorageFault."""
        async with self._store.transaction() as tx:
            await queries.keep_sector(tx, camera, sector)
        if sector is None:
            self._known.pop(camera, None)
        else:
            self._known[camera] = sector
            self._watch(camera)

    async def position(self, camera: str) -> DomePositionAnswer | None:
        """Where it looks; None of one that does not tell. Raises UnknownCamera."""
        now_s = self._clock.monotonic_s()
        if self._silent.get(camera, 0.0) > now_s:
            return None
        try:
            told = await self._control.position(camera)
        except SignallingFault:
            told = None
        if told is None:
            self._silent[camera] = now_s + SILENT_S
        return told

    async def refuse_move(self, camera: str, command: ptz.PtzCommand) -> None:
        """A movement over a border that is reached. Raises OutOfSector."""
        sector, bits = self._known.get(camera), command.instruction
        if sector is None or bits >= ptz.LENS_STOP:
            return
        told = await self.position(camera)
        if told is None:
            return
        pan = bool(bits & ptz.RIGHT) - bool(bits & ptz.LEFT)
        tilt, zoom = bool(bits & ptz.UP) - bool(bits & ptz.DOWN), bool(bits & ptz.ZOOM_IN) - bool(bits & ptz.ZOOM_OUT)
        if sector.leads_out(_place(told), pan, tilt, zoom):
            raise OutOfSector()
        self._watch(camera)

    async def refuse_zoom(self, camera: str, zoom: Zoom) -> None:
        """A box whose middle, or whose enlargement, lies outside. Raises OutOfSector."""
        sector = self._known.get(camera)
        if sector is None or (told := await self.position(camera)) is None:
            return
        pan, tilt, near = _place(told)
        pan += (zoom.middle_x / zoom.window_length - 0.5) * (told.horizontal_field_deg or 0)
        tilt += (zoom.middle_y / zoom.window_width - 0.5) * (told.vertical_field_deg or 0)
        share = max(zoom.box_length / zoom.window_length, zoom.box_width / zoom.window_width)
        if near is not None:
            near = near / share if zoom.inward else near * share
        if not sector.holds(pan % 360, tilt, near):
            raise OutOfSector()
        self._watch(camera)

    def refuse_place(self, camera: str, place: PreciseMove) -> None:
        """Angles outside. Raises OutOfSector."""
        sector = self._known.get(camera)
        if sector is not None and not sector.holds(place.pan_deg or 0, place.tilt_deg or 0, place.zoom):
            raise OutOfSector()
        self._watch(camera)

    def may_go(self, camera: str, preset: int) -> bool:
        """Whether a preset lies inside."""
        sector = self._known.get(camera)
        return sector is None or preset in sector.presets

    def refuse_preset(self, camera: str, *presets: int) -> None:
        """Presets that are not named as inside. Raises OutOfSector."""
        if not all(self.may_go(camera, one) for one in presets):
            raise OutOfSector()
        self._watch(camera)

    async def redefined(self, camera: str, preset: int, *, gone: bool = False) -> None:
        """A preset is another view now: it counts as inside only where the camera tells that it is. Raises StorageFault."""
        sector = self._known.get(camera)
        if sector is None:
            return
        told = None if gone else await self.position(camera)
        inside = told is not None and sector.holds(*_place(told))
        named = {one for one in sector.presets if one != preset} | ({preset} if inside else set())
        if named != set(sector.presets):
            await self.set(camera, replace(sector, presets=tuple(sorted(named))))

    def _watch(self, camera: str) -> None:
        if camera in self._known:
            self._watched[camera] = self._clock.monotonic_s() + WATCHED_S
            self._wanted.set()

    async def _keep(self) -> None:
        while True:
            if not self._watched:
                self._wanted.clear()
                await self._wanted.wait()
            await asyncio.gather(*(self._look(camera) for camera in list(self._watched)))
            now_s = self._clock.monotonic_s()
            self._watched = {
                camera: until_s for camera, until_s in self._watched.items() if until_s > now_s or self._control.is_moving(camera)
            }
            await asyncio.sleep(LOOK_EVERY_S)

    async def _look(self, camera: str) -> None:
        """One that has left its sector is stopped and turned back to the border. Raises nothing."""
        with suppress(FengsuiError):
            sector, told = self._known.get(camera), await self.position(camera)
            if sector is None or told is None:
                self._watched.pop(camera, None)
                return
            here = _place(told)
            if sector.holds(*here):
                return
            await self._control.stop(camera)
            pan, tilt, zoom = sector.nearest(*here)
            detail = f"pan {here[0]:.1f}, tilt {here[1]:.1f}: turned back to pan {pan:.1f}, tilt {tilt:.1f}"
            self._audit.record_end(NODE, Act.CAMERA_TURNED_BACK, camera, detail=detail)
            await self._control.turn_to(camera, PreciseMove(pan, tilt, zoom))


def _place(told: DomePositionAnswer) -> tuple[float, float, float | None]:
    assert told.pan_deg is not None and told.tilt_deg is not None, "an answer without them tells no position"
    return told.pan_deg, told.tilt_deg, told.zoom
