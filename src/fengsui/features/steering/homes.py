"""Where cameras return to when idle: the device by itself (GB/T 28181 HomePosition), or this node where the device cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from fengsui.clock import Clock
from fengsui.errors import FengsuiError
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.cameras import Control
from fengsui.features.devices import SignallingFault
from fengsui.features.steering import queries
from fengsui.store import Store
from fengsui.wire.gb28181 import ptz
from fengsui.wire.gb28181.control import HomePosition

AGAIN_S = 30.0


class Home(NamedTuple):
    """A home position. `by_node`: this node sends the camera there; `told`: the device itself says so."""

    enabled: bool
    preset: int
    reset_time_s: int
    by_node: bool
    told: bool = False


class Homes:
    """`is_busy`: whether a camera goes round by itself, and is not to be called home; `may_go`: whether it may look at a preset;
    `on_move` is told before the node turns one.
    """

    def __init__(
        self,
        store: Store,
        audit: Audit,
        control: Control,
        clock: Clock,
        *,
        is_busy: Callable[[str], bool],
        may_go: Callable[[str, int], bool],
        on_move: Callable[[str], None],
    ) -> None:
        self._store = store
        self._audit = audit
        self._control = control
        self._clock = clock
        self._is_busy = is_busy
        self._may_go = may_go
        self._on_move = on_move
        self._known: dict[str, Home] = {}
        self._due: dict[str, float] = {}

    async def start(self) -> None:
        """Reads what was set here."""
        async with self._store.reading() as tx:
            rows = await queries.homes(tx)
        self._known = {row.camera: Home(bool(row.enabled), row.preset, row.reset_time_s, bool(row.by_node)) for row in rows}

    async def of(self, camera: str) -> Home | None:
        """As the device says, else as it was last set here; None: nothing is known. Raises UnknownCamera."""
        kept = self._known.get(camera)
        if kept is not None and kept.by_node:
            return kept
        try:
            told = await self._control.home_of(camera)
        except SignallingFault:
            told = None
        return kept if told is None else Home(told.enabled, told.preset, told.reset_time_s, by_node=False, told=True)

    async def set(self, camera: str, home: Home) -> None:
        """Raises NotDone of a device that cannot, UnusableAnswer, UnknownCamera, SignallingFault, StorageFault."""
        before = self._known.get(camera)
        if not home.by_node:
            await self._control.home(camera, HomePosition(home.enabled, home.reset_time_s, home.preset))
        async with self._store.transaction() as tx:
            facts = {"enabled": home.enabled, "preset": home.preset, "reset_time_s": home.reset_time_s, "by_node": home.by_node}
            await queries.keep_home(tx, camera, **facts)
        self._known[camera] = home
        if home.by_node and (before is None or not before.by_node):
            self.used(camera)

    def used(self, camera: str) -> None:
        """An order was sent: the time until the return begins anew."""
        home = self._known.get(camera)
        if home is not None and home.by_node and home.enabled:
            self._due[camera] = self._clock.monotonic_s() + home.reset_time_s

    async def return_idle(self) -> None:
        """Sends home whatever is due. Raises nothing of a device that does not answer: it is tried again."""
        now_s = self._clock.monotonic_s()
        for camera, due_s in list(self._due.items()):
            home = self._known.get(camera)
            if due_s > now_s:
                continue
            del self._due[camera]
            if home is None or not home.enabled or not home.by_node or not self._may_go(camera, home.preset):
                continue
            if self._is_busy(camera) or self._control.is_moving(camera):
                continue
            self._on_move(camera)
            try:
                await self._control.preset(camera, ptz.PRESET_GO, home.preset)
            except FengsuiError:
                self._due[camera] = now_s + AGAIN_S
                continue
            self._audit.record_end(NODE, Act.PRESET_GO, camera, detail=f"{home.preset}, home after {home.reset_time_s} s")
