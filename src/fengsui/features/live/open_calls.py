"""Calls that are answered and not yet ended, on disk: a node that was killed ends them when it is started again.

Devices send on for ever after the last viewer has gone; without the tags and numbers of its dialog nobody can stop them
(RFC 3261 §12.2). A call is on disk within a moment of its answer, not before it: nobody waits for a picture because of it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from typing import Any

import structlog
from prometheus_client import Counter, Gauge

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.cameras import Camera
from fengsui.features.devices import Call, DeviceCameOnline, Devices, DeviceState, Signalling, UnknownDevice
from fengsui.features.live import queries
from fengsui.features.live.model import SsrcPool
from fengsui.loops import keep
from fengsui.media import Engine, EngineError
from fengsui.store import Store
from fengsui.wire.sip.dialogs import Dialog

log = structlog.get_logger(__name__)
GATHER_S, AGAIN_S = 0.1, 5.0
"""What is answered within a moment goes to disk together; after a fault of the store it is tried again."""
AT_ONCE, KEPT_S, CLEAR_S = 32, 86_400.0, 1.0
LOOK_S, TRIES = 30.0, 6
"""A device that is here and answers no BYE is told so often; whoever is away is told when it comes."""
LEFT = Gauge("fengsui_left_calls", "Calls of before the start, or whose BYE nobody answered, that are still to be ended")
ENDED = Counter("fengsui_left_calls_ended_total", "Such calls, by how it ended: `ended`, `no_answer`, `too_old`", ["outcome"])


@dataclass(slots=True)
class Left:
    """A call whose device may still be sending. `source`: the engine's number for what comes of it; 0: it knows none."""

    call_id: str
    device: str
    ssrc: int
    dialog: Dialog
    source: int = 0
    tries: int = 0


class OpenCalls:
    """`on_left` is told the engine's number of each stream that may still come, with a way to end it again."""

    def __init__(
        self,
        store: Store,
        *,
        devices: Devices,
        signalling: Signalling,
        engine: Engine,
        ssrcs: SsrcPool,
        bus: Bus,
        clock: Clock,
        on_left: Callable[[int, Call], None],
    ) -> None:
        self._store = store
        self._devices = devices
        self._signalling = signalling
        self._engine = engine
        self._ssrcs = ssrcs
        self._bus = bus
        self._clock = clock
        self._on_left = on_left
        self._fresh: dict[str, dict[str, Any] | None] = {}
        """By Call-ID, what is not on disk yet: a row, or None for one that has ended."""
        self._due = asyncio.Event()
        self._left: dict[str, dict[str, Left]] = {}
        """By device and Call-ID."""
        self._ending: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Reads what a former run has left, and keeps its numbers; what the store cannot tell now is not waited for."""
        with suppress(StorageFault):
            async with self._store.reading() as tx:
                rows = await queries.calls(tx)
            for row in rows:
                self._take(row)
        self._show()
        loops = {"open-calls": self._write, "left-calls": self._follow_devices, "left-calls-again": self._look_again}
        self._loops = [keep(name, work) for name, work in loops.items()]

    def begin(self) -> None:
        """Devices are known and can be spoken to: those that are here are told now, others when they come."""
        for calls in self._left.values():
            for left in calls.values():
                if left.source:
                    self._on_left(left.source, self._signalling.recall(self._device(left.device), left.dialog))
        self._end_all()

    async def stop(self) -> None:
        """After the streams' end: what is known of their calls is on disk."""
        tasks = [*self._loops, *self._ending.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(StorageFault):
            await self._flush()

    def _take(self, row: Any) -> None:
        if self._clock.now().timestamp() - row.at > KEPT_S:
            ENDED.labels("too_old").inc()
            self._forget(row.call_id)
            return
        try:
            said = json.loads(row.dialog)
            dialog = Dialog(**{**said, "route": tuple(said["route"])})
        except (ValueError, TypeError, KeyError):
            self._forget(row.call_id)
            return
        left = Left(row.call_id, row.device, row.ssrc, dialog)
        self._ssrcs.hold(row.ssrc)
        with suppress(EngineError, ValueError):
            left.source = self._engine.remember_ended(row.camera, row.ssrc, row.host)
        self._left.setdefault(row.device, {})[row.call_id] = left

    def _device(self, code: str) -> DeviceState:
        with suppress(UnknownDevice):
            return self._devices.get(code)
        return DeviceState(code)

    # ── what begins and ends ─────────────────────────────────────────

    def answered(self, call: Call, camera: Camera, ssrc: int, host: str) -> None:
        """`host`: the device's address. It is on disk in a moment."""
        self._fresh[call.dialog.call_id] = {
            "call_id": call.dialog.call_id,
            "device": camera.device,
            "camera": camera.code,
            "ssrc": ssrc,
            "host": host,
            "at": self._clock.now().timestamp(),
            "dialog": json.dumps(asdict(call.dialog)),
        }
        self._due.set()

    def ended(self, call: Call, device: str, *, known: bool) -> None:
        """`known`: the device knows it. Otherwise it is told again when it comes back."""
        if known:
            self._forget(call.dialog.call_id)
        else:
            self._left.setdefault(device, {})[call.dialog.call_id] = Left(call.dialog.call_id, device, 0, call.dialog)
            self._show()

    def _forget(self, call_id: str) -> None:
        self._fresh[call_id] = None
        self._due.set()

    async def _write(self) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            await asyncio.sleep(GATHER_S)
            try:
                await self._flush()
            except StorageFault as fault:
                log.warning("open calls cannot be stored; it is tried again", why=str(fault))
                await asyncio.sleep(AGAIN_S)
                self._due.set()

    async def _flush(self) -> None:
        """Raises StorageFault: what was not stored is still to be."""
        taken, self._fresh = self._fresh, {}
        rows = [row for row in taken.values() if row is not None]
        try:
            async with self._store.transaction() as tx:
                await queries.write(tx, rows)
                await queries.remove(tx, [call_id for call_id, row in taken.items() if row is None])
        except BaseException:
            self._fresh = taken | self._fresh
            raise

    # ── what was left ────────────────────────────────────────────────

    async def clear(self, device: str) -> None:
        """Before a device is called: what it still sends is ended first, if that is a matter of a moment."""
        if device in self._left:
            await asyncio.wait((self._end(device),), timeout=CLEAR_S)

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            self._end_all()

    async def _follow_devices(self) -> None:
        with closing(self._bus.subscribe(DeviceCameOnline, name="left-calls")) as news:
            while True:
                for event in await news.batch():
                    if event.code in self._left:
                        self._end(event.code)
                if news.has_lost():
                    self._end_all()

    def _end_all(self) -> None:
        for device in list(self._left):
            if self._devices.is_online(device):
                self._end(device)

    def _end(self, device: str) -> asyncio.Task[None]:
        running = self._ending.get(device)
        if running is None or running.done():
            running = self._ending[device] = asyncio.create_task(self._end_calls_of(device))
            running.add_done_callback(lambda task: self._ended_with(device, task))
        return running

    def _ended_with(self, device: str, task: asyncio.Task[None]) -> None:
        if self._ending.get(device) is task:
            del self._ending[device]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("calls that were left could not be ended", device=device, why=repr(error))

    async def _end_calls_of(self, device: str) -> None:
        """One after another until one is not answered: the next ones would not be either."""
        async with self._places:
            for left in list(self._left.get(device, {}).values()):
                left.tries += 1
                if await self._signalling.recall(self._device(device), left.dialog).hang_up_again():
                    log.info("a call of before was ended", device=device, call=left.call_id)
                    self._settled(left, "ended")
                elif left.tries >= TRIES:
                    self._settled(left, "no_answer")
                else:
                    return

    def _settled(self, left: Left, outcome: str) -> None:
        ENDED.labels(outcome).inc()
        calls = self._left.get(left.device, {})
        calls.pop(left.call_id, None)
        if not calls:
            self._left.pop(left.device, None)
        if left.ssrc:
            self._ssrcs.give_back(left.ssrc)
        self._forget(left.call_id)
        self._show()

    def _show(self) -> None:
        LEFT.set(sum(len(calls) for calls in self._left.values()))
