"""Sends one stream of pictures as PS over RTP, by UDP or framed TCP (RFC 4571), at the pace of its frame rate."""

from __future__ import annotations

import asyncio
import contextlib
import random
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

from fengsui.simulators import tone
from fengsui.simulators.faults import Faults, PsmFault, ReportsFault, SoundFault, SsrcFault
from fengsui.simulators.footage import PictureSource, without_sets
from fengsui.simulators.program_stream import picture_pack, sound_pack
from fengsui.simulators.recordings import Pace

RTP_PAYLOAD_BYTES = 1400
PAYLOAD_TYPE_PS = 96
CONNECT_TRIES, CONNECT_PAUSE_S = 3, 1.0
LATE_MAP_AFTER_KEY_FRAMES = 3
REPORTS_EVERY_S = 5.0
NTP_TO_UNIX_S = 2_208_988_800
SENDER_REPORT, SENDER_REPORT_WORDS = 200, 6


@dataclass(frozen=True, slots=True)
class MediaTarget:
    """Where an answered INVITE wants its media."""

    host: str
    port: int
    ssrc: int
    transport: str
    """`udp`, `tcp-connect` (we connect) or `tcp-listen` (the platform connects to us)."""


class MediaSender:
    """One running stream. `start` returns when packets can flow (sockets open); `stop` ends it."""

    def __init__(
        self,
        source: PictureSource,
        target: MediaTarget,
        faults: Faults,
        *,
        seed: int,
        pace: Pace | None = None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_end`: told when the last picture of what is recorded was sent."""
        self.source = source
        self._pace = pace or Pace()
        self._on_end = on_end
        self._is_film = pace is not None
        self._newest_pts = 0
        self.target = target
        self.local_port = 0
        self._local_host = ""
        self.packets_sent = 0
        self._faults = faults
        self._random = random.Random(seed)
        self._other_ssrc = target.ssrc ^ 0x00ABCDEF
        self._ssrc = {SsrcFault.WRONG: self._other_ssrc, SsrcFault.ZERO: 0}.get(faults.ssrc, target.ssrc)
        self._sequence = self._random.randrange(65536)
        self._held_back: bytes | None = None
        self._late: bytes | None = None
        self._due_after = 0
        self._datagrams: asyncio.DatagramTransport | None = None
        self._stream: asyncio.StreamWriter | None = None
        self._listener: asyncio.Server | None = None
        self._accepted = asyncio.Event()
        self._octets_sent = 0
        self._task: asyncio.Task[None] | None = None

    async def open(self, local_host: str) -> None:
        """Binds the local port, which `local_port` then names. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._local_host = local_host
        if self.target.transport == "udp":
            self._datagrams, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=(local_host, 0))
            self.local_port = self._datagrams.get_extra_info("sockname")[1]
        elif self.target.transport == "tcp-listen":
            self._listener = await asyncio.start_server(self._take_connection, local_host, 0)
            self.local_port = self._listener.sockets[0].getsockname()[1]

    @property
    def first(self) -> tuple[int, int]:
        """Sequence number of the next packet, time stamp of the last."""
        return self._sequence, self._newest_pts & 0xFFFFFFFF

    def start(self) -> None:
        """Begins to send; call after the ACK."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Ends the stream and closes its sockets; idempotent."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await self._task
        if self._datagrams is not None:
            self._datagrams.close()
        if self._stream is not None:
            self._stream.close()
        if self._listener is not None:
            self._listener.close()

    async def _take_connection(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._stream = writer
        self._accepted.set()

    async def _connect(self) -> None:
        for attempt in range(CONNECT_TRIES):
            try:
                _, self._stream = await asyncio.open_connection(
                    self.target.host, self.target.port, local_addr=(self._local_host, 0)
                )
                return
            except OSError:
                if attempt == CONNECT_TRIES - 1:
                    raise
                await asyncio.sleep(CONNECT_PAUSE_S)

    async def _run(self) -> None:
        if self.target.transport == "tcp-connect":
            await self._connect()
        elif self.target.transport == "tcp-listen":
            await self._accepted.wait()
        if self._faults.silent_media or self._faults.half_open_tcp:
            return
        await asyncio.sleep(self._faults.media_after_s)
        loop = asyncio.get_running_loop()
        start_s, index, keys = loop.time(), 0, 0
        due_s, passed, report_s = start_s, 0.0, start_s
        first_pts = self._random.randrange(1 << 31)
        ticks_per_picture = 90_000 / self.source.fps
        self.source.ask_key_frame()
        if self._faults.mid_group:
            self.source.next_picture()
        while True:
            picture = self.source.next_picture()
            if picture is None or (self._faults.stops_after and index >= self._faults.stops_after and self._is_film):
                self._on_end()
                return
            keys += picture.key
            if self._faults.ssrc is SsrcFault.CHANGES and keys > 1:
                self._ssrc = self._other_ssrc
            annex_b = picture.annex_b
            if self._faults.sets_once and keys > 1:
                annex_b = without_sets(self.source.codec, annex_b)
            with_map = self._faults.psm is PsmFault.NONE or (self._faults.psm is PsmFault.LATE and keys > LATE_MAP_AFTER_KEY_FRAMES)
            pts = self._newest_pts = first_pts + int((passed + picture.shown_after) * ticks_per_picture)
            mapped = "g711a" if self._faults.sound is SoundFault.MAPPED else None
            pack = picture_pack(
                self.source.codec,
                annex_b,
                pts,
                key=picture.key,
                with_map=with_map,
                audio=mapped,
                bounded=not self._faults.stray_marker,
                timed=not self._faults.shared_times,
            )
            if self._faults.shared_times and index % 2:
                pts -= int(ticks_per_picture)
            if self._faults.unknown_codec:
                pack = b"\xff" * len(pack)  # random bytes would now and then look like one that we know
            await self._send_pack(pack, pts, stray_marker=self._faults.stray_marker and picture.key and keys % 4 == 1)
            if self._faults.sound is not SoundFault.NONE:
                first, end = (int(at * tone.RATE_HZ / self.source.fps) for at in (index, index + 1))
                await self._send_pack(sound_pack(pts, tone.samples(first, end - first)), pts)
            if self._faults.stall_after_s and loop.time() - start_s >= self._faults.stall_after_s:
                return
            if not self._is_film and loop.time() >= report_s:
                self._send_report(pts)
                report_s = loop.time() + REPORTS_EVERY_S
            index += 1
            passed += 1 / self._pace.speed if self._faults.scaled_times else 1
            due_s = await self._pace.wait(due_s, float(1 / self.source.fps))

    async def _send_pack(self, pack: bytes, pts: int, *, stray_marker: bool = False) -> None:
        middle = len(pack) // 2 // RTP_PAYLOAD_BYTES * RTP_PAYLOAD_BYTES
        for start in range(0, len(pack), RTP_PAYLOAD_BYTES):
            last = start + RTP_PAYLOAD_BYTES >= len(pack)
            marked = (last and not self._faults.no_marker) or (stray_marker and start == middle)
            header = struct.pack(
                ">BBHII",
                0x80,
                PAYLOAD_TYPE_PS | (0x80 if marked else 0),
                self._sequence,
                pts & 0xFFFFFFFF,
                self._ssrc & 0xFFFFFFFF,
            )
            self._sequence = (self._sequence + 1) & 0xFFFF
            self._octets_sent += len(pack[start : start + RTP_PAYLOAD_BYTES])
            self._send_packet(header + pack[start : start + RTP_PAYLOAD_BYTES])
        if self._stream is not None:
            await self._stream.drain()

    def _send_report(self, pts: int) -> None:
        """That the picture just sent was taken now, by the device's clock. RFC 3550 §6.4.1."""
        kind = self._faults.reports
        if kind is ReportsFault.MISSING:
            return
        seconds = {ReportsFault.NO_CLOCK: 0.0, ReportsFault.UPTIME: time.monotonic()}.get(
            kind, time.time() + self._faults.clock_skew_s + NTP_TO_UNIX_S
        )
        report = struct.pack(
            ">BBHIQIII",
            0x80,
            SENDER_REPORT,
            SENDER_REPORT_WORDS,
            self._ssrc & 0xFFFFFFFF,
            int(seconds * 2**32),
            pts & 0xFFFFFFFF,
            self.packets_sent & 0xFFFFFFFF,
            self._octets_sent & 0xFFFFFFFF,
        )
        if self._stream is not None:
            self._stream.write(struct.pack(">H", len(report)) + report)
        elif self._datagrams is not None:
            self._datagrams.sendto(report, (self.target.host, self.target.port + (kind is not ReportsFault.MUXED)))

    def _send_packet(self, packet: bytes) -> None:
        self.packets_sent += 1
        if self._stream is not None:
            self._stream.write(struct.pack(">H", len(packet)) + packet)
            return
        if self._datagrams is None or self._random.random() < self._faults.loss:
            return
        if self._faults.late_packets and self._late is None and self.packets_sent % 50 == 0:
            self._late, self._due_after = packet, self._faults.late_packets
            return
        if self._late is not None:
            self._due_after -= 1
            if self._due_after < 0:
                self._datagrams.sendto(self._late, (self.target.host, self.target.port))
                self._late = None
        if self._held_back is None and self._random.random() < self._faults.reorder:
            self._held_back = packet
            return
        self._datagrams.sendto(packet, (self.target.host, self.target.port))
        if self._held_back is not None:
            self._datagrams.sendto(self._held_back, (self.target.host, self.target.port))
            self._held_back = None
