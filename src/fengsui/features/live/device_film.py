"""One call for what a device has recorded, from INVITE to BYE, and the orders in it. Source: GB/T 28181-2022 §9.8, annex B."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog

from fengsui.clock import Clock
from fengsui.errors import PeerFault
from fengsui.features.cameras import Camera
from fengsui.features.devices import Call, DeviceOffline, DeviceState, NoAnswer, Refused, Signalling, SignallingFault
from fengsui.features.live.asking import SETUPS, follow_answer, source_of, wants_own_port
from fengsui.features.live.model import FAILURES, Failure, NoSsrcLeft, SsrcPool, failure_of_status
from fengsui.features.live.open_calls import OpenCalls
from fengsui.features.live.playhead import Playhead, Shown
from fengsui.features.live.ways import Ways
from fengsui.media import Engine, EngineError, Event, EventKind
from fengsui.settings import MediaSection
from fengsui.wire.errors import MalformedMansrtsp
from fengsui.wire.mansrtsp import MansrtspRequest, MansrtspResponse, NptRange
from fengsui.wire.sdp import history_offer

log = structlog.get_logger(__name__)
HISTORY: Final = 1_000_000_000
"""The first digit of an SSRC of recorded pictures (annex G)."""
LOOK_S: Final = 1.0
PICTURE_S = 5.0
"""From the first packet to the first picture, which recordings begin with."""
SENT: Final = "sent"
FAILED_BY: Final = {
    EventKind.UNPLAYABLE: "unplayable",
    EventKind.TCP_CONNECT_FAILED: "connection",
    EventKind.TCP_CLOSED: "connection",
    EventKind.ENGINE_FAILED: "engine",
}
OVER: Final = {
    **FAILURES,
    SENT: Failure(SENT, "设备已发送到该时段结尾", "The device has sent the recording to its end"),
    "not_found": Failure("not_found", "设备上没有该时段的录像(404)", "The device has no recording of that time (404)"),
    "busy": Failure("busy", "设备回放路数已满(486)", "The device plays no more recordings at once (486)"),
    "hung_up": Failure("hung_up", "设备结束了回放", "The device ended the playback"),
    "silent": Failure("silent", "设备不再发送录像", "The device sends no more of the recording"),
}


class NotPlayed(PeerFault):
    """A device does not play what was asked for. `failure`: why, as a word of `OVER`."""

    code = "device_recordings.not_played"
    status = 502
    zh = "设备录像无法播放:{why_zh}"
    en = "The device's recording cannot be played: {why_en}"
    remedy_zh = "重新查询设备录像目录后再试;在信令记录中查看设备的应答"
    remedy_en = "List the device's recordings anew and try again; look at its answer in the signalling trace"


class FilmOver(PeerFault):
    """The device plays it no more."""

    code = "device_recordings.over"
    status = 409
    zh = "该回放已停止:{why_zh}"
    en = "It plays no more: {why_en}"
    remedy_zh = "从需要的时间重新打开"
    remedy_en = "Open it again from the time that is wanted"


@dataclass(frozen=True, slots=True)
class Desk:
    """What calls need, of one node. `ended`: told of each call that is over, with the engine's number of its source."""

    node_code: str
    engine: Engine
    signalling: Signalling
    device_of: Callable[[str], DeviceState]
    ssrcs: SsrcPool
    calls: OpenCalls
    media: MediaSection
    clock: Clock
    ended: Callable[[int, Call], None]


class DeviceFilm:
    """`name`: the engine's, for one viewer. Times: seconds since 1970."""

    def __init__(self, desk: Desk, camera: Camera, name: str, since: float, until: float) -> None:
        self.camera = camera
        self.name = name
        self.since = since
        self.until = until
        self.download_speed: int | None = None
        """So many times as fast as it was recorded it is to be sent as a file (`s=Download`); None: it is played."""
        self.bytes_a_second = 0
        self._desk = desk
        self._call: Call | None = None
        self._source = self._ssrc = self._cseq = 0
        self._picture = asyncio.Event()
        self._over = ""
        self._head = Playhead(since, until, desk.clock.monotonic_s())
        self._shown: list[Shown] = []
        self.played_on = False
        """It did not stop where it was told, and was cut off there."""
        self._cut: asyncio.TimerHandle | None = None
        self._turn = asyncio.Lock()

    # ── the call ─────────────────────────────────────────────────────

    async def open(self) -> None:
        """Until its first picture. Raises NotPlayed, DeviceOffline; then nothing is left of it."""
        ways = Ways()
        while True:
            device = self._desk.device_of(self.camera.device)
            if device.peer is None or not device.online:
                raise DeviceOffline()
            failure = await self._attempt(device, ways)
            if not failure:
                return
            if not ways.failed(device.media_transport, device.worked_transport, failure, played=False):
                why = OVER[failure]
                raise NotPlayed(failure=failure, why_zh=why.zh, why_en=why.en)

    async def _attempt(self, device: DeviceState, ways: Ways) -> str:
        """One INVITE; the failure, or empty."""
        desk, failure = self._desk, "node"
        way = ways.now(device.media_transport, device.worked_transport)
        try:
            self._ssrc = desk.ssrcs.take() + HISTORY
            own_port = wants_own_port(desk.media, device, sends_another=False)
            bound = self.bytes_a_second
            spec = source_of(device, self.name, self._ssrc, way, own_port=own_port, audio=self._hears, bytes_a_second=bound)
            opened = desk.engine.open_source(spec)
            self._source = opened.id
            self._begin()
            offer = history_offer(
                owner=desk.node_code,
                channel=self.camera.code,
                address=desk.signalling.local_address(device),
                port=opened.port,
                ssrc=self._ssrc,
                start_unix=self._asked[0],
                stop_unix=self._asked[1],
                setup=SETUPS[way],
                download_speed=self.download_speed,
            )
            call = self._call = await desk.signalling.invite(device, self.camera.code, offer)
            host = "" if device.peer is None else device.peer.host
            desk.calls.answered(call, self.camera, self._ssrc, host)
            failure, _ = follow_answer(desk.engine, self._source, call, way, self._ssrc, host)
            if not failure:
                failure = await self._first_picture(call)
        except NoAnswer:
            failure = "no_answer"
        except Refused as refused:
            failure = failure_of_status(int(str(refused.facts["sip_status"])))
        except (SignallingFault, EngineError, NoSsrcLeft) as error:
            log.warning("a recording could not be asked for", device=device.code, camera=self.camera.code, why=str(error))
        finally:
            if failure:  # also when whoever asked has gone
                await self.end()
        return failure

    @property
    def _asked(self) -> tuple[int, int]:
        """Whole seconds, as a device takes them: none beyond what the ticket opens (rule A2)."""
        return math.ceil(self.since), math.floor(self.until)

    @property
    def _hears(self) -> bool:
        """Whether sound is taken with it."""
        return False

    def _begin(self) -> None:
        """Its source is open, and the device not yet asked."""

    async def _first_picture(self, call: Call) -> str:
        """Awaits it; the failure, or empty."""
        self._picture.clear()
        limit_s = self._desk.clock.monotonic_s() + self._desk.media.first_packet_s
        while not self._picture.is_set():
            counters = self._desk.engine.source_counters(self._source)
            packets = 0 if counters is None else counters.packets
            if self._over or call.ended.done():
                return self._over or "hung_up"
            if self._desk.clock.monotonic_s() > limit_s + (PICTURE_S if packets else 0):
                return "unplayable" if packets else "no_packets"
            with suppress(TimeoutError):
                async with asyncio.timeout(0.2):
                    await self._picture.wait()
        self._head = Playhead(*self._asked, self._desk.clock.monotonic_s(), frames=self._frames)
        return ""

    async def hang_up(self) -> None:
        """BYE; what has come can still be read. Never raises, idempotent."""
        call, self._call = self._call, None
        if call is not None:
            self._desk.ended(self._source, call)
            self._desk.calls.ended(call, self.camera.device, known=await call.hang_up())

    async def end(self) -> None:
        """Source and SSRC are free, the device is told; never raises, idempotent."""
        source, ssrc = self._source, self._ssrc
        self._forget_cut()
        said = self.hang_up()
        self._source = self._ssrc = 0
        if source:
            self._desk.engine.close_source(source)
        if ssrc:
            self._desk.ssrcs.give_back(ssrc - HISTORY)
        await said
        self._over = ""

    @property
    def source(self) -> int:
        """The engine's number of it; 0: it is not open."""
        return self._source

    def take(self, event: Event) -> None:
        """An event of its source."""
        if event.source != self._source:
            return
        if event.kind in (EventKind.READY, EventKind.CODEC_CHANGED):
            self._picture.set()
        elif event.kind in FAILED_BY:
            self._over = self._over or FAILED_BY[event.kind]

    # ── what is shown ────────────────────────────────────────────────

    @property
    def _frames(self) -> int:
        counters = self._desk.engine.source_counters(self._source) if self._source else None
        return self._head.frames if counters is None else counters.frames

    @property
    def at(self) -> float:
        """The time of what is shown now."""
        return self._head.time(self._desk.clock.monotonic_s())

    @property
    def speed(self) -> float:
        """As the device plays it."""
        return self._head.speed

    @property
    def paused(self) -> bool:
        """It stands still because it was told to."""
        return self._head.paused

    @property
    def deaf(self) -> bool:
        """The device has accepted a pause and goes on all the same (fact sheet, quirk 32)."""
        return self._head.deaf

    @property
    def over(self) -> Failure | None:
        """Why it plays no more; None while it does."""
        return OVER[self._over] if self._over else None

    def look(self) -> None:
        """Called once a second: how far it is, and whether it goes on."""
        now_s, call = self._desk.clock.monotonic_s(), self._call
        self._head.look(self._frames, now_s)
        self._forget_cut()
        if call is None or self._over == SENT:
            return
        if (left_s := self._head.beyond_in(now_s)) <= LOOK_S:
            self._cut = asyncio.get_running_loop().call_later(left_s, self._cut_off)
        if call.sent.is_set():
            self._over = SENT
        elif self._over or call.ended.done() or self._head.is_silent(now_s):
            self._over = SENT if self._head.is_near_end(now_s) else self._over or ("hung_up" if call.ended.done() else "silent")

    def _cut_off(self) -> None:
        """It plays on beyond what the ticket opens (rule A2): nothing more of it is taken, whether it minds a BYE or not."""
        self._cut = None
        self._head.look(self._frames, self._desk.clock.monotonic_s())
        call = self._call
        if call is None or self._over or call.sent.is_set() or call.ended.done():  # it has ended by itself
            return
        if self._head.beyond_in(self._desk.clock.monotonic_s()) > 0:  # it was steered meanwhile
            return
        log.warning("a device plays on beyond the end that it was told", device=self.camera.device, camera=self.camera.code)
        self._note_shown(self._desk.clock.monotonic_s())
        self._over, self.played_on = SENT, True
        self._desk.engine.close_source(self._source)

    def _forget_cut(self) -> None:
        if self._cut is not None:
            self._cut.cancel()
            self._cut = None

    def take_shown(self) -> list[Shown]:
        """What has come since the last time: a piece for each leap and each speed."""
        self._note_shown(self._desk.clock.monotonic_s())
        shown, self._shown = self._shown, []
        return shown

    def _note_shown(self, now_s: float) -> None:
        found = self._head.take_shown(now_s)
        if found is not None:
            self._shown.append(found)

    # ── orders ───────────────────────────────────────────────────────

    async def pause(self) -> None:
        """Raises FilmOver, NoAnswer, Refused, DeviceOffline, as all orders do."""
        await self._order("PAUSE", pause_time="now")
        self._head.order(self._now_s(), paused=True)

    async def go_on(self) -> None:
        """After a pause, at the speed that it had."""
        await self._order("PLAY", range_npt="now-")
        self._head.order(self._now_s())

    async def seek(self, at: float) -> None:
        """To a time of the period; the device begins at a key frame near it, and plays."""
        answer = await self._order("PLAY", range_npt=NptRange(max(0.0, at - self._asked[0])).to_text())
        if answer is not None and answer.range_npt:
            with suppress(MalformedMansrtsp):
                told = NptRange.parse(answer.range_npt).start_s
                at = at if told is None else min(max(self.since, self._asked[0] + told), self.until)
        self._head.order(self._now_s(), at=at)

    async def play_at(self, speed: float) -> None:
        """A device that cannot says at which speed it plays instead."""
        answer = await self._order("PLAY", scale=speed)
        said = answer.scale if answer is not None and answer.scale is not None and answer.scale > 0 else None
        self._head.order(self._now_s(), speed=speed if said is None else said, said=said is not None)

    def _now_s(self) -> float:
        now_s = self._desk.clock.monotonic_s()
        self._head.look(self._frames, now_s)
        self._note_shown(now_s)
        return now_s

    async def _order(
        self, method: str, *, range_npt: str = "", scale: float | None = None, pause_time: str = ""
    ) -> MansrtspResponse | None:
        async with self._turn:
            self.look()
            if self._call is None or self._over:
                why = OVER[self._over or "hung_up"]
                raise FilmOver(why_zh=why.zh, why_en=why.en)
            self._cseq += 1
            return await self._call.order(MansrtspRequest(method, self._cseq, range_npt, scale, pause_time))
