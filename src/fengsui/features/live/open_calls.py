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
"""A device that is heard and answers no BYE is told so often; whoever is away is told when it comes."""
MOST_LEFT = 64
"""Of one device; of a recorder, as many as its channels have streams: all may be open when its network fails."""
LEFT = Gauge("fengsui_left_calls", "Calls of before the start, or whose BYE nobody answered, that are still to be ended")
ENDED = Counter(
    "fengsui_left_calls_ended_total",
    "Such calls, by how it ended: `ended`, `no_answer`, `too_old`, `too_many` (of its device), `removed` (its device)",
    ["outcome"],
)


@dataclass(slots=True)
class Left:
    """A call whose device may still be sending. `at`: when it was answered or left, seconds since 1970. `ssrc`: held for it, or 0.
    `source`: the engine's number for what comes of it; 0: it knows none.
    """

    call_id: str
    device: str
    at: float
    dialog: Dialog
    ssrc: int = 0
    source: int = 0
    tries: int = 0
    _heard: float = 0.0
    """As of the last try, when its device would count as silent."""

    def not_answered(self, device: DeviceState) -> None:
        """Counts a BYE in vain, where the device has spoken since the last one: that it is online may be a while behind."""
        if device.online and device.silent_at_s != self._heard:
            self._heard = device.silent_at_s
            self.tries += 1


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
        if self._is_too_old(row.at):
            ENDED.labels("too_old").inc()
            self._forget(row.call_id)
            return
        try:
            said = json.loads(row.dialog)
            dialog = Dialog(**{**said, "route": tuple(said["route"])})
        except (ValueError, TypeError, KeyError):
            self._forget(row.call_id)
            return
        left = Left(row.call_id, row.device, row.at, dialog, row.ssrc)
        self._ssrcs.hold(row.ssrc)
        with suppress(EngineError, ValueError):
            left.source = self._engine.remember_ended(row.camera, row.ssrc, row.host)
        self._left.setdefault(row.device, {})[row.call_id] = left

    def _is_too_old(self, at: float) -> bool:
        return self._clock.now().timestamp() - at > KEPT_S

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
        """`known`: the device knows it. Otherwise it is told again, or when it comes back."""
        call_id = call.dialog.call_id
        if known:
            self._forget(call_id)
            return
        calls, state = self._left.setdefault(device, {}), self._device(device)
        left = calls[call_id] = Left(call_id, device, self._clock.now().timestamp(), call.dialog)
        left.not_answered(state)
        if len(calls) > max(MOST_LEFT, 2 * state.channels):
            self._settled(min(calls.values(), key=lambda one: one.at), "too_many")
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

    async def _flush(self) -> None:
        """Raises StorageFault: what was not stored is still to be, whatever happens."""
        taken, self._fresh = self._fresh, {}
        rows = [row for row in taken.values() if row is not None]
        try:
            async with self._store.transaction() as tx:
                await queries.write(tx, rows)
                await queries.remove(tx, [call_id for call_id, row in taken.items() if row is None])
        except BaseException:
            self._fresh = taken | self._fresh
            self._due.set()
            raise

    # ── what was left ────────────────────────────────────────────────

    async def clear(self, device: str) -> None:
        """Before a device is called: what it still sends is ended first, if that is a matter of a moment.

        A device that has let a BYE go unanswered is told again, but nobody waits for it.
        """
        if device in self._left and self._devices.is_online(device):
            telling = self._end(device)
            if any(left.tries == 0 for left in self._left[device].values()):
                await asyncio.wait((telling,), timeout=CLEAR_S)

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
        """Whoever is here is told. Who was removed cannot be, and what has been left for long plays no more."""
        for device, calls in list(self._left.items()):
            online = self._devices.is_online(device)
            for left in list(calls.values()):
                if online is None:
                    self._settled(left, "removed")
                elif self._is_too_old(left.at):
                    self._settled(left, "too_old")
            if online and calls:
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
        """One after another until one is not answered: the next ones would not be either, and it counts for all of them.

        That one comes last the next time: a device that knows nothing of it may well know the others.
        """
        async with self._places:
            for left in list(self._left.get(device, {}).values()):
                state = self._device(device)
                if not await self._signalling.recall(state, left.dialog).hang_up_again():
                    self._in_vain(left, state)
                    return
                log.info("a call of before was ended", device=device, call=left.call_id)
                self._settled(left, "ended")

    def _in_vain(self, left: Left, device: DeviceState) -> None:
        calls = self._left.get(left.device, {})
        if calls.pop(left.call_id, None) is not None:
            calls[left.call_id] = left
        for one in list(calls.values()):
            one.not_answered(device)
            if one.tries >= TRIES:
                self._settled(one, "no_answer")

    def _settled(self, left: Left, outcome: str) -> None:
        calls = self._left.get(left.device, {})
        if calls.pop(left.call_id, None) is None:
            return  # meanwhile, in another way
        ENDED.labels(outcome).inc()
        if not calls:
            del self._left[left.device]
        if left.ssrc:
            self._ssrcs.give_back(left.ssrc)
        self._forget(left.call_id)
        self._show()

    def _show(self) -> None:
        LEFT.set(sum(len(calls) for calls in self._left.values()))
