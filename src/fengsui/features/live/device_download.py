"""What a device has recorded, fetched as a file of footage: one call, from INVITE to BYE. Source: GB/T 28181-2022 §9.9."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import Final, Literal

import structlog

from fengsui.errors import NodeFault
from fengsui.features.cameras import Camera
from fengsui.features.live.device_film import Desk, DeviceFilm
from fengsui.media import EngineError, FetchStatus

log = structlog.get_logger(__name__)
LOOK_S: Final = 0.25
DRAIN_S: Final = 2.0
"""After the device has said that all is sent: so long nothing more has come then."""
SILENT_S: Final = 15.0
NEAR_S: Final = 2.0
"""Who ends so near the end has sent all: recordings end at a key frame or a file, not at the second that was asked for."""
OTHER_TIME_S: Final = 60.0
SCALED: Final = 0.15
NEARLY: Final = 0.1
LEAD_S: Final = 8.0
"""From the key frame before what was asked for to it, and to whole seconds: so much more may come."""
Outcome = Literal["whole", "part", "nothing", "scaled", "other_time", "leap", "overrun", "disk"]
"""`whole`: to the end of what was asked for; `part`: less; the others: nothing of it is kept, or it was cut there."""
TROUBLES: Final[dict[str, Outcome]] = {"leap": "leap", "overrun": "overrun", "disk": "disk"}


class FetchFailed(NodeFault):
    """The node could not keep what came."""

    code = "device_recordings.not_kept"
    status = 503
    zh = "设备录像无法写入本节点"
    en = "The device's recording could not be written on this node"
    remedy_zh = "查看录像文件夹的状态与空闲空间"
    remedy_en = "See whether the footage folders work and have room"


@dataclass(frozen=True, slots=True)
class Came:
    """What became footage, seconds since 1970 as the device counts; equal: nothing. `bytes`: on disk; `received`: over the network;
    `told`: how large the device said that the file is, None: it did not.
    """

    outcome: Outcome
    since: float
    until: float
    bytes: int
    received: int
    told: int | None = None


class DeviceDownload(DeviceFilm):
    """`s=Download` of one recording between two times into a stream of the footage, marked as from the device."""

    def __init__(
        self, desk: Desk, camera: Camera, name: str, stream: str, since: float, until: float, speed: int, bytes_a_second: int
    ) -> None:
        """`stream`: of the footage, `<camera>/main`; `speed`: so many times as fast as it was recorded, as the device announced."""
        super().__init__(desk, camera, name, since, until)
        self.download_speed = speed
        self.bytes_a_second = bytes_a_second
        self.stream = stream
        self._speed = speed

    @property
    def _asked(self) -> tuple[int, int]:
        """All of it: what is more is cut off to the picture before it is kept."""
        return int(self.since), math.ceil(self.until)

    @property
    def _hears(self) -> bool:
        return bool(self.camera.audio_basis)

    def _begin(self) -> None:
        self._desk.engine.begin_fetch(self._source, self.stream, int(self.since * 1e6), int(self.until * 1e6))

    async def fetch(self) -> Came:
        """Until it is over; then what came is footage, or nothing of it.

        Raises NotPlayed, DeviceOffline, FetchFailed. Whoever ends it early leaves nothing of it.
        """
        await self.open()
        try:
            return await self._kept(said=await self._follow())
        finally:
            await self.end()

    async def _follow(self) -> bool:
        """Until nothing more comes. Whether the device said so, or all is there that was asked for."""
        desk, call = self._desk, self._call
        moved_s, received = desk.clock.monotonic_s(), -1
        while True:
            status, now_s = desk.engine.fetch_status(self._source), desk.clock.monotonic_s()
            if status is None or status.full or status.trouble:
                return status is not None and status.full
            if (came := self.received) != received:
                moved_s, received = now_s, came
            said = call is not None and (call.sent.is_set() or call.ended.done())
            over = said or bool(self._over)
            if now_s - moved_s > (DRAIN_S if over else SILENT_S):
                return said
            await asyncio.sleep(LOOK_S)

    @property
    def received(self) -> int:
        """Bytes so far, as they came over the network."""
        counters = self._desk.engine.source_counters(self._source) if self._source else None
        return 0 if counters is None else counters.bytes

    async def _kept(self, *, said: bool) -> Came:
        engine, received, told = self._desk.engine, self.received, self._file_bytes
        outcome = self._judged(engine.fetch_status(self._source), said=said)
        await self.hang_up()
        keep = outcome in ("whole", "part", "leap", "overrun")
        try:
            kept = await asyncio.to_thread(engine.end_fetch, self._source, keep=keep, whole=outcome == "whole")
        except EngineError as error:
            log.error("what a device recorded could not be kept", camera=self.camera.code, why=str(error))
            raise FetchFailed() from error
        if kept is None:
            return Came(outcome if outcome not in ("whole", "part") else "nothing", self.since, self.since, 0, received, told)
        return Came(outcome, kept[0] / 1e6, kept[1] / 1e6, kept[2], received, told)

    def _judged(self, status: FetchStatus | None, *, said: bool) -> Outcome:
        """What is to be thought of what came."""
        if status is None or status.reached_us is None:
            return "nothing"
        if self._tells_another_time():
            return "other_time"
        if status.trouble:
            return TROUBLES.get(status.trouble, "disk")
        asked_s, got_s = self.until - self.since, status.reached_us / 1e6 - self.since
        if status.full or got_s >= asked_s - NEAR_S:
            return "whole"
        if said and self._speed > 1 and got_s < (1 - NEARLY) * asked_s and self._passed_with_sending(got_s, asked_s):
            return "scaled"  # its time stamps pass as fast as it sends (fact sheet 5.7): they say nothing of when it was
        return "whole" if said else "part"

    def _passed_with_sending(self, got_s: float, asked_s: float) -> bool:
        """Whether just as much came as would if time stamps passed as fast as it sends. It may begin at a key frame before."""
        least_s, most_s = (1 - SCALED) * asked_s, (1 + SCALED) * asked_s + LEAD_S
        return least_s < got_s * self._speed < most_s

    def _tells_another_time(self) -> bool:
        """Its answer is for another time than it was asked for."""
        answer = None if self._call is None else self._call.answer
        if answer is None or not answer.start_unix or not answer.stop_unix:
            return False
        return abs(answer.start_unix - self.since) > OTHER_TIME_S or answer.stop_unix - self.until > OTHER_TIME_S

    @property
    def _file_bytes(self) -> int | None:
        """How large the device says that the file is."""
        answer = None if self._call is None else self._call.answer
        return None if answer is None or answer.video is None else answer.video.file_bytes
