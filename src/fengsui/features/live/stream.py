"""One camera's stream while somebody wants it: INVITE, packets, failures, retries. SSRC and source are always given back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import structlog
from prometheus_client import Counter

from fengsui.clock import Clock
from fengsui.features.cameras import Camera
from fengsui.features.devices import (
    Call,
    DeviceOffline,
    DeviceState,
    NoAnswer,
    Refused,
    Signalling,
    SignallingFault,
    stream_attribute,
)
from fengsui.features.live.asking import SETUPS, follow_answer, source_of, wants_own_port
from fengsui.features.live.model import (
    FAILURES,
    SOUND_ENDED,
    STATE_TEXTS,
    LiveEvent,
    LiveState,
    NoSsrcLeft,
    SsrcPool,
    failure_of_status,
    next_state,
    retry_pause_s,
)
from fengsui.features.live.open_calls import OpenCalls
from fengsui.features.live.ways import NAMES, Ways
from fengsui.loops import FAILURES as SURPRISES
from fengsui.media import Engine, EngineError, Event, EventKind, Transport
from fengsui.settings import MediaSection
from fengsui.wire.sdp import SessionDescription, live_offer

log = structlog.get_logger(__name__)
INVITES = Counter("fengsui_invites_total", "INVITEs by outcome: `picture`, or the name of the failure", ["outcome"])
BREAKS = Counter("fengsui_stream_breaks_total", "Streams that broke after they had shown a picture, by reason", ["reason"])
UNWANTED = "unwanted"
"""Nobody watched any more: no failure."""
FAILURE_OF_EVENT = {
    EventKind.SILENT: "silent",
    EventKind.UNPLAYABLE: "unplayable",
    EventKind.TCP_CONNECT_FAILED: "connection",
    EventKind.TCP_CLOSED: "connection",
    EventKind.ENGINE_FAILED: "engine",
}


class LiveStream:
    """`name` is the engine's: `<camera>/<main|sub>`."""

    def __init__(
        self,
        camera: Camera,
        stream: str,
        *,
        node_code: str,
        engine: Engine,
        signalling: Signalling,
        device_of: Callable[[str], DeviceState],
        ssrcs: SsrcPool,
        media: MediaSection,
        clock: Clock,
        changed: Callable[[LiveStream], None],
        learned: Callable[[str, str], None],
        ended: Callable[[int, Call], None],
        calls: OpenCalls,
    ) -> None:
        self.camera = camera
        self.stream = stream
        self.name = f"{camera.code}/{stream}"
        self.state = LiveState.IDLE
        self.failure = ""
        self.since = clock.now()
        self.retry_in_s = 0.0
        self.source = 0
        self.codec = ""
        self.transport = ""
        self.opened = asyncio.Event()
        self.ready = asyncio.Event()
        self.sessions: set[str] = set()
        self.openings = 0
        """Viewers who are let in just now."""
        self.read_s = clock.monotonic_s()
        """When somebody last read it, on the monotonic clock."""
        self.recorded = False
        """Its pictures are kept on disk, or held for an event, whoever watches; see `record`."""
        self._held_s: float | None = None
        self._event_until_s = 0.0
        """Until then what comes is kept though it is only to be held, on the monotonic clock."""
        self._node_code = node_code
        self._engine = engine
        self._signalling = signalling
        self._device_of = device_of
        self._ssrcs = ssrcs
        self._media = media
        self._clock = clock
        self._changed = changed
        self._learned = learned
        self._ended = ended
        self._calls = calls
        self._chance = random.Random(camera.code)
        self._failed: asyncio.Future[str] | None = None
        self._wake = asyncio.Event()
        self._unwanted = False
        self._ways = Ways()
        self._packets = False
        self._connects_to = ""
        self._deaf: set[str] = set()
        """Addresses to which a connection for media brought nothing."""
        self._own_port = False
        """It sends another SSRC than it was asked for: from now on it gets a port of its own."""
        self._task: asyncio.Task[None] | None = None

    @property
    def texts(self) -> tuple[str, str]:
        """What the operator reads: the failure while there is one, else the state."""
        failure = FAILURES.get(self.failure)
        return (failure.zh, failure.en) if failure is not None else STATE_TEXTS[self.state]

    def want(self) -> None:
        """Starts the stream if it is not running."""
        self._unwanted = False
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def record(self, held_s: float | None = None) -> None:
        """Wants it for good, and keeps on disk what comes from now on; or holds so much of it in memory, until `record_event`."""
        self.recorded, self._held_s = True, held_s
        self.want()
        self._keep()

    def record_event(self, lasting_s: float) -> None:
        """What is held is kept, and what comes for so long: also when the device is called anew meanwhile."""
        self._event_until_s = max(self._event_until_s, self._clock.monotonic_s() + lasting_s)
        if self.recorded and self.source:
            self._engine.record_event(self.source, lasting_s)

    def end_recording(self) -> None:
        """Nothing more is kept. It ends by itself when nobody watches either."""
        self.recorded, self._event_until_s = False, 0.0
        if self.source:
            self._engine.end_recording(self.source)

    def _keep(self) -> None:
        if self.recorded and self.source:
            try:
                self._engine.start_recording(self.source, self.name, self._held_s)
                if (left_s := self._event_until_s - self._clock.monotonic_s()) > 0:
                    self._engine.record_event(self.source, left_s)
            except EngineError as error:  # no footage folder: somebody watches all the same
                log.error("a stream is not recorded", camera=self.camera.code, why=str(error))

    def try_now(self) -> None:
        """Ends a pause: the device has come back."""
        self._wake.set()

    def unwant(self) -> None:
        """Nobody watches any more."""
        self._unwanted = True
        self._wake.set()
        self._fail(UNWANTED)

    async def stop(self) -> None:
        """Ends the stream; source, SSRC and dialog are gone when this returns."""
        self.unwant()
        if self._task is not None:
            with suppress(asyncio.CancelledError):
                await self._task

    def take(self, event: Event) -> None:
        """An event of our source."""
        if event.kind in (EventKind.READY, EventKind.CODEC_CHANGED):
            self.codec = event.codec
            self._move(LiveEvent.PICTURE)
            if not self.ready.is_set():
                INVITES.labels("picture").inc()
            self.ready.set()
            self._ways.worked()
            self._learned(self.camera.device, self.transport)
        elif event.kind is EventKind.FIRST_PACKET:
            self._packets = True
        elif event.kind is EventKind.SSRC_MISMATCH:
            self._own_port = True
        elif event.kind in FAILURE_OF_EVENT:
            self._fail(FAILURE_OF_EVENT[event.kind])

    def pass_to(self, camera: Camera) -> None:
        """The code is another device's channel now: no picture of the former is shown any more."""
        self.camera = camera
        self._ways, self._own_port = Ways(), False
        self._deaf.clear()
        self.opened.clear()
        self.ready.clear()
        self.codec = ""
        if self.source:
            self._engine.close_source(self.source)
            self.source = 0
        self._fail("offline")
        self._wake.set()

    def device_gone(self) -> None:
        """The device went offline: its stream is not awaited any longer."""
        self._fail("offline")

    def end_sound(self) -> None:
        """Its sound has no legal basis any more: it is asked for anew, and the receiver drops the sound."""
        self.camera = replace(self.camera, audio_basis="")
        self._fail(SOUND_ENDED)

    def _fail(self, failure: str) -> None:
        if self._failed is not None and not self._failed.done():
            self._failed.set_result(failure)

    def _move(self, event: LiveEvent, failure: str = "") -> None:
        following = next_state(self.state, event)
        if (following, failure) != (self.state, self.failure):
            self.state, self.failure, self.since = following, failure, self._clock.now()
            self._changed(self)

    async def _run(self) -> None:
        """Ends idle whatever happens, so that whoever wants the picture later can begin anew."""
        try:
            await self._play()
        finally:
            if self.state is not LiveState.IDLE:
                self.state = LiveState.IDLE
                self._changed(self)

    async def _play(self) -> None:
        failures = 0
        self._move(LiveEvent.WANTED)
        while not self._unwanted:
            try:
                outcome, played = await self._attempt()
            except Exception:  # the outermost loop of a stream: a surprise is a failure like others, and it is tried again
                SURPRISES.labels("stream").inc()
                log.exception("a stream failed unexpectedly", device=self.camera.device, camera=self.camera.code)
                outcome, played = "node", False
            if self._unwanted:
                break
            if outcome == UNWANTED:  # somebody came while it was let go
                self._move(LiveEvent.FAILED)
                self._move(LiveEvent.RETRY)
                continue
            self._note_deaf(outcome, played)
            (BREAKS if played else INVITES).labels(outcome).inc()
            failures = 1 if played else failures + 1
            at_once = outcome == SOUND_ENDED or self._next_way(outcome, played)
            self.retry_in_s = 0.1 if at_once else retry_pause_s(failures, self._chance)
            self._move(LiveEvent.FAILED, outcome)
            log.info(
                "no picture", device=self.camera.device, camera=self.camera.code, why=outcome, retry_in_s=round(self.retry_in_s, 1)
            )
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self.retry_in_s):
                    await self._wake.wait()
            if not self._unwanted:
                self._move(LiveEvent.RETRY)
        self._move(LiveEvent.UNWANTED)

    def _note_deaf(self, outcome: str, played: bool) -> None:
        """An address whose connections bring no picture comes last: it may be one that only the device's own net knows."""
        if self._connects_to and not played and outcome in ("connection", "no_packets"):
            self._deaf.symmetric_difference_update({self._connects_to})
        self._connects_to = ""

    def _next_way(self, outcome: str, played: bool) -> bool:
        """Whether another way is to be tried at once: after "answered but nothing came" the most frequent cure."""
        device = self._device_of(self.camera.device)
        return self._ways.failed(device.media_transport, device.worked_transport, outcome, played=played)

    async def _attempt(self) -> tuple[str, bool]:
        """One INVITE from beginning to end: how it ended, and whether there was a picture."""
        loop = asyncio.get_running_loop()
        self._failed = loop.create_future()
        self.ready.clear()
        self._packets = False
        ssrc, call, called = 0, None, self.camera.device
        try:
            await self._calls.clear(called)
            if self._failed.done():  # meanwhile
                return self._failed.result(), False
            device = self._device_of(called)
            if device.peer is None or not device.online:
                return "offline", False
            ssrc = self._ssrcs.take()
            way = self._ways.now(device.media_transport, device.worked_transport)
            self.transport = NAMES[way]
            own_port = wants_own_port(self._media, device, sends_another=self._own_port)
            wanted = source_of(device, self.name, ssrc, way, own_port=own_port, audio=bool(self.camera.audio_basis))
            opened = self._engine.open_source(wanted)
            self.source = opened.id
            self._keep()
            self.opened.set()
            offer = live_offer(
                owner=self._node_code,
                address=self._signalling.local_address(device),
                port=opened.port,
                ssrc=ssrc,
                setup=SETUPS[way],
                attributes=(attribute,) if (attribute := stream_attribute(device, self.stream)) else (),
            )
            call = await self._invited(device, offer)
            if call is None:
                return self._failed.result(), False
            self._calls.answered(call, self.camera, ssrc, device.peer.host)
            refusal = self._follow_answer(call, way, ssrc)
            if refusal:
                return refusal, False
            self._move(LiveEvent.ANSWERED)
            # From its answer on: a device may ring for long, and the engine counts from when the port was opened.
            patience = loop.call_later(self._media.first_packet_s, self._expect_packets, self._failed)
            try:
                outcome = await self._until_end(call)
            finally:
                patience.cancel()
            return outcome, self.ready.is_set()
        except DeviceOffline:
            return "offline", False
        except NoAnswer:
            return "no_answer", False
        except Refused as refused:
            return failure_of_status(int(str(refused.facts["sip_status"]))), False
        except (SignallingFault, EngineError, NoSsrcLeft) as error:
            log.warning("stream could not be opened", device=self.camera.device, camera=self.camera.code, why=str(error))
            return "node", False
        finally:
            self.opened.clear()
            if self.source:
                self._engine.close_source(self.source)
                if call is not None:
                    self._ended(self.source, call)
                self.source = 0
            if ssrc:
                self._ssrcs.give_back(ssrc)
            if call is not None:
                self._calls.ended(call, called, known=await call.hang_up())

    async def _invited(self, device: DeviceState, offer: SessionDescription) -> Call | None:
        """The answered call; None when the attempt failed meanwhile (nobody watches, the device is gone): it is cancelled."""
        assert self._failed is not None  # set at the beginning of each attempt
        asking = asyncio.ensure_future(self._signalling.invite(device, self.camera.code, offer))
        await asyncio.wait((asking, self._failed), return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(0)  # an answer that came in the same turn counts: it must be acknowledged and ended, not cancelled
        if asking.done():
            return asking.result()
        asking.cancel()
        with suppress(asyncio.CancelledError, SignallingFault):
            await asking
        return None

    def _expect_packets(self, failed: asyncio.Future[str]) -> None:
        if not self._packets and not failed.done():
            failed.set_result("no_packets")

    def _follow_answer(self, call: Call, way: Transport, ssrc: int) -> str:
        """Takes over SSRC and address from the device's answer; a failure code when it cannot be used."""
        peer = self._device_of(self.camera.device).peer
        host = peer.host if peer is not None else ""
        refusal, self._connects_to = follow_answer(self._engine, self.source, call, way, ssrc, host, self._deaf)
        return refusal

    async def _until_end(self, call: Call) -> str:
        assert self._failed is not None  # set at the beginning of each attempt
        await asyncio.wait((call.ended, self._failed), return_when=asyncio.FIRST_COMPLETED)
        return self._failed.result() if self._failed.done() else "hung_up"
