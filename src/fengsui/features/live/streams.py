"""Every stream that somebody wants, whoever watches: its device, its call, its SSRC."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections import OrderedDict
from collections.abc import Coroutine
from contextlib import closing, suppress
from typing import Any

import structlog
from prometheus_client import Counter, Gauge

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.cameras import Camera, Control
from fengsui.features.devices import (
    Call,
    DeviceCameOnline,
    Devices,
    DeviceState,
    DeviceWentOffline,
    Signalling,
    SignallingFault,
    UnknownDevice,
)
from fengsui.features.live.device_film import Desk
from fengsui.features.live.model import LiveState, LiveStateChanged, SsrcPool
from fengsui.features.live.open_calls import OpenCalls
from fengsui.features.live.recorders import Recorders
from fengsui.features.live.stream import LiveStream
from fengsui.loops import keep
from fengsui.media import Engine, Event
from fengsui.settings import NodeSettings
from fengsui.store import Store

log = structlog.get_logger(__name__)
MAX_ENDED = 1_000
SENDS_S = 2.0
"""A stream of which nothing comes for so long has ended."""
STREAMS = Gauge("fengsui_streams", "Live streams by state", ["state"])
REPEATED_BYES = Counter("fengsui_repeated_byes_total", "BYEs sent again to devices that sent on after theirs")


class Streams:
    """By the engine's name, `<camera>/<main|sub>`. One INVITE for all who watch."""

    def __init__(
        self,
        settings: NodeSettings,
        *,
        engine: Engine,
        devices: Devices,
        control: Control,
        signalling: Signalling,
        bus: Bus,
        clock: Clock,
        store: Store,
    ) -> None:
        self._node_code = settings.node.code
        self._media = settings.media
        self._engine = engine
        self._devices = devices
        self._control = control
        self._signalling = signalling
        self._bus = bus
        self._clock = clock
        self.ssrcs = SsrcPool(settings.node.code, random.Random(secrets.randbits(64)))
        self._streams: dict[str, LiveStream] = {}
        self._ended: OrderedDict[int, Call] = OrderedDict()
        """By the engine's number of their source."""
        self._calls = OpenCalls(
            store,
            devices=devices,
            signalling=signalling,
            engine=engine,
            ssrcs=self.ssrcs,
            bus=bus,
            clock=clock,
            on_left=self._remember,
        )
        desk = Desk(
            settings.node.code, engine, signalling, self._device, self.ssrcs, self._calls, settings.media, clock, self._remember
        )
        self.recorders = Recorders(devices, desk)
        self._side_tasks: set[asyncio.Task[None]] = set()
        self._follower: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Follows devices coming and going."""
        await self._calls.start()
        self._follower = keep("live", self._follow_devices)

    def begin(self) -> None:
        """Devices can be spoken to: what a former run has left is ended."""
        self._calls.begin()

    async def stop(self) -> None:
        """Ends every stream with a BYE."""
        if self._follower is not None:
            self._follower.cancel()
        await asyncio.gather(*(stream.stop() for stream in self._streams.values()))
        await self._calls.stop()
        for task in self._side_tasks:
            task.cancel()

    def named(self, name: str) -> LiveStream | None:
        """None when nobody wants it."""
        return self._streams.get(name)

    def of(self, camera: Camera, stream: str) -> LiveStream:
        """The camera's stream, made when nobody wanted it until now. `stream`: main or sub."""
        name = f"{camera.code}/{stream}"
        found = self._streams.get(name)
        if found is None:
            found = self._streams[name] = LiveStream(
                camera,
                stream,
                node_code=self._node_code,
                engine=self._engine,
                signalling=self._signalling,
                device_of=self._device,
                ssrcs=self.ssrcs,
                media=self._media,
                clock=self._clock,
                changed=self._tell,
                learned=self._learn,
                ended=self._remember,
                calls=self._calls,
            )
        elif found.camera.device != camera.device:
            found.pass_to(camera)
        return found

    def pass_to(self, camera: Camera) -> None:
        """The camera's code is another device's channel now: whatever runs under it ends and begins again there."""
        for stream in self._streams.values():
            if stream.camera.code == camera.code and stream.camera.device != camera.device:
                stream.pass_to(camera)

    def _device(self, code: str) -> DeviceState:
        """The device behind a stream; one that was removed meanwhile is offline, as the viewer is told."""
        with suppress(UnknownDevice):
            return self._devices.get(code)
        return DeviceState(code)

    def _learn(self, code: str, transport: str) -> None:
        """Remembers which way media came for this device, also over restarts: under `auto` it is tried first. The setting stays."""
        if self._device(code).worked_transport == transport:
            return

        async def keep() -> None:
            with suppress(StorageFault, UnknownDevice):  # a hint: without it the next opening takes longer
                await self._devices.update(code, worked_transport=transport)

        self._spawn(keep())

    def _tell(self, stream: LiveStream) -> None:
        zh, en = stream.texts
        self._bus.publish(LiveStateChanged(stream.camera.code, stream.stream, stream.state.value, zh, en))
        counts = dict.fromkeys(LiveState, 0)
        for one in self._streams.values():
            counts[one.state] += 1
        for state, count in counts.items():
            STREAMS.labels(state.value).set(count)
        if stream.state is LiveState.IDLE:
            self._streams.pop(stream.name, None)

    def all(self) -> list[LiveStream]:
        """Every stream that is not idle, the oldest first."""
        return list(self._streams.values())

    @property
    def running(self) -> int:
        """Streams that are not idle."""
        return len(self._streams)

    def ask_key_frame(self, camera: Camera) -> None:
        """Somebody waits for one; a device that gives none is left alone."""

        async def ask() -> None:
            with suppress(SignallingFault):
                await self._control.key_frame(camera.code)

        self._spawn(ask())

    def _remember(self, source: int, call: Call) -> None:
        """A call that is over: its device may send on all the same."""
        self._ended[source] = call
        while len(self._ended) > MAX_ENDED:
            self._ended.popitem(last=False)

    def end_again(self, event: Event) -> None:
        """A device sends on after its BYE: it gets another one."""
        call = self._ended.get(event.source)
        if call is not None:
            REPEATED_BYES.inc()
            log.warning("still sending after the BYE", camera=event.name.partition("/")[0], peer=event.remote_host)

            async def end() -> None:
                await call.hang_up_again()

            self._spawn(end())

    async def _follow_devices(self) -> None:
        with closing(self._bus.subscribe(DeviceCameOnline, DeviceWentOffline, name="live")) as news:
            self._look_at_all()
            while True:
                self._heed(await news.batch())
                if news.has_lost():
                    self._look_at_all()

    def _look_at_all(self) -> None:
        """After events were lost: whose device is away is not awaited, whose device is here is tried now."""
        for stream in list(self._streams.values()):
            if self._device(stream.camera.device).online:
                stream.try_now()
            else:
                self._end_if_still(stream)

    def _end_if_still(self, stream: LiveStream) -> None:
        """What is known of its device says that the stream may have ended. A picture that comes says that it has not."""
        if stream.state is not LiveState.PLAYING:
            stream.device_gone()
            return
        source, packets = stream.source, self._packets_of(stream)

        async def look() -> None:
            await asyncio.sleep(SENDS_S)
            if stream.source == source and self._packets_of(stream) == packets:
                stream.device_gone()

        self._spawn(look())

    def _packets_of(self, stream: LiveStream) -> int:
        counters = self._engine.source_counters(stream.source) if stream.source else None
        return counters.packets if counters is not None else 0

    def _heed(self, events: list[Any]) -> None:
        for event in events:
            for stream in list(self._streams.values()):
                if stream.camera.device != event.code:
                    continue
                if isinstance(event, DeviceWentOffline):
                    # A registration that nobody refreshed says nothing of a picture that comes (fact sheet, quirk 27).
                    if event.reason != "expired" or stream.state is not LiveState.PLAYING:
                        stream.device_gone()
                elif event.restarted:  # or a stack that begins a new dialog at any time, as after its registration has expired
                    self._end_if_still(stream)
                if isinstance(event, DeviceCameOnline):
                    stream.try_now()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._side_tasks.add(task)
        task.add_done_callback(self._side_tasks.discard)
