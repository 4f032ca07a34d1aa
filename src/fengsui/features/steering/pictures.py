"""Small pictures of presets, as whoever sees the camera masked would see them. Rules A40, A11.

One is taken when a preset was set or is reached for the first time. It hides what the masks of that moment hid: when they are
others now, or the code is another device's camera, it is shown no more and taken anew.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol

import structlog

from fengsui.clock import Clock
from fengsui.errors import FengsuiError
from fengsui.features.access import Principal
from fengsui.features.cameras import Cameras, Control
from fengsui.features.masks import Masks
from fengsui.features.steering import queries
from fengsui.features.steering.model import NoPresetPicture
from fengsui.store import Store
from fengsui.whole_files import remove_halves, write_whole

KEY_FRAME_S = 1.0
log = structlog.get_logger(__name__)


class Photographer(Protocol):
    """Who can take a picture of a camera with all its masks."""

    async def small_picture(self, who: Principal, code: str, why: str) -> bytes:
        """A small JPEG. Raises UnknownCamera, NoPicture, Refusal."""
        ...


class _Due(NamedTuple):
    preset: int
    at_s: float
    who: Principal
    anew: bool


class PresetPictures:
    """`settle_s`: a camera has arrived after so long, and its masks lie on the picture."""

    def __init__(
        self,
        store: Store,
        cameras: Cameras,
        masks: Masks,
        photographer: Photographer,
        control: Control,
        clock: Clock,
        folder: Path,
        settle_s: float,
    ) -> None:
        self._store = store
        self._cameras = cameras
        self._masks = masks
        self._photographer = photographer
        self._control = control
        self._clock = clock
        self._folder = folder
        self._settle_s = settle_s
        self._due: dict[str, dict[int, _Due]] = {}
        """By camera and preset: several may be set of one view before the first picture is taken."""
        self._moves: Counter[str] = Counter()

    async def start(self) -> None:
        """Those of which a process was killed in the middle go."""
        await asyncio.to_thread(remove_halves, self._folder)

    def soon(self, camera: str, preset: int, who: Principal, *, anew: bool = False) -> None:
        """When it has arrived; `anew`: although there is one."""
        at_s = self._clock.monotonic_s() + (1.0 if anew else self._settle_s + 1.0)
        self._due.setdefault(camera, {})[preset] = _Due(preset, at_s, who, anew)

    def moved(self, camera: str) -> None:
        """It looks elsewhere before its picture was taken, or while it is."""
        self._due.pop(camera, None)
        self._moves[camera] += 1

    async def of(self, camera: str) -> list[int]:
        """Presets of which there is a picture that holds. Raises StorageFault, UnknownCamera."""
        async with self._store.reading() as tx:
            rows = await queries.pictures_of(tx, camera)
        if not rows:
            return []
        device = (await self._cameras.get(camera)).device
        return [one for one, row in rows.items() if (row.device, row.hidden) == (device, self._hidden(camera, one))]

    async def get(self, camera: str, preset: int) -> bytes:
        """A JPEG. Raises NoPresetPicture, UnknownCamera, StorageFault."""
        if preset not in await self.of(camera):
            raise NoPresetPicture()
        try:
            return await asyncio.to_thread(self._path(camera, preset).read_bytes)
        except OSError as error:
            raise NoPresetPicture() from error

    async def forget(self, camera: str, preset: int) -> None:
        """It is another view, or none. Raises StorageFault."""
        self._settle(camera, preset)
        async with self._store.transaction() as tx:
            await queries.forget_picture(tx, camera, preset)
        await asyncio.to_thread(self._path(camera, preset).unlink, missing_ok=True)

    async def take_due(self) -> None:
        """Those of cameras that have arrived. Raises nothing of a camera that shows no picture."""
        now_s = self._clock.monotonic_s()
        ripe = [(camera, one) for camera, mine in self._due.items() for one in mine.values() if one.at_s <= now_s]
        for camera, due in ripe:
            if self._due.get(camera, {}).get(due.preset) is not due:
                continue  # while others were taken it moved on, or the preset was set once more
            self._settle(camera, due.preset)
            try:
                await self._take(camera, due)
            except (FengsuiError, OSError) as error:
                log.info("no picture of a preset", camera=camera, preset=due.preset, what=str(error))

    def _settle(self, camera: str, preset: int) -> None:
        mine = self._due.get(camera, {})
        mine.pop(preset, None)
        if not mine:
            self._due.pop(camera, None)

    async def _take(self, camera: str, due: _Due) -> None:
        known = await self._cameras.get(camera)
        masked = self._masks.of(known)
        if masked.masks and masked.position != due.preset:
            return  # it is black
        if not due.anew and due.preset in await self.of(camera):
            return
        hidden, moves = self._hidden(camera, due.preset), self._moves[camera]
        with suppress(FengsuiError):  # the newest key frame may be of the way there
            await self._control.key_frame(camera)
        await asyncio.sleep(KEY_FRAME_S)
        jpeg = await self._photographer.small_picture(due.who, camera, f"kept of preset {due.preset}")
        if self._moves[camera] != moves or self._hidden(camera, due.preset) != hidden:
            return  # it went on meanwhile, or other masks were laid on
        await asyncio.to_thread(write_whole, self._path(camera, due.preset), jpeg)
        async with self._store.transaction() as tx:
            facts = {"device": known.device, "hidden": hidden, "taken_at": self._clock.now().timestamp()}
            await queries.keep_picture(tx, camera, due.preset, **facts)

    def _hidden(self, camera: str, preset: int) -> str:
        """What the masks hide there, as a digest."""
        here = sorted(mask.points for mask in self._masks.kept().get(camera, ()) if mask.valid and mask.preset == preset)
        return hashlib.sha256(json.dumps(here).encode()).hexdigest() if self._masks.has(camera) else ""

    def _path(self, camera: str, preset: int) -> Path:
        return self._folder / camera[:8] / f"{camera}-{preset}.jpg"
