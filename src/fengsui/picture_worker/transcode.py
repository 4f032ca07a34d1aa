"""The transcode worker: reads access units from the engine, sends H.264 back to it as RTP over TCP (RFC 6184, 4571).

With `masked` it paints privacy masks into each picture before it is encoded: plans come as lines on standard input, and nothing is
shown before the first one. On standard output it says which plan is in force, and when a picture has shifted.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import BinaryIO, TextIO

import av
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from fengsui._engine import H264Encoder
from fengsui.picture_worker.masking import HIDDEN, MaskPlan, Planes, hidden, key_digest
from fengsui.picture_worker.position_guard import PositionGuard

CODECS = {1: "h264", 2: "hevc"}
MAX_WIDTH, MAX_HEIGHT = 1920, 1080
PAYLOAD_TYPE, PACKET_BYTES = 98, 1400
KEY_EVERY_90K = 2 * 90_000
CONNECT_LIMIT_S, SILENCE_LIMIT_S = 10.0, 30.0
BITS_A_PIXEL = 2.5
"""A second's worth at 25 pictures: about 5 Mbit/s for 1080p."""


def transcode(*, es_url: str, rtp_host: str, rtp_port: int, ssrc: int, masked: bool = False) -> None:
    """Until the source ends. Raises OSError when the engine is gone."""
    masks = LiveMasks() if masked else None
    with (
        urllib.request.urlopen(es_url, timeout=SILENCE_LIMIT_S) as source,
        socket.create_connection((rtp_host, rtp_port), timeout=CONNECT_LIMIT_S) as sink,
    ):
        sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        packets = RtpSender(sink, ssrc)
        decoder: VideoCodecContext | None = None
        encoder: PictureEncoder | None = None
        for codec, pts_90k, annex_b in access_units(source):
            if decoder is None:
                made = av.CodecContext.create(CODECS[codec], "r")
                assert isinstance(made, VideoCodecContext)  # both names are video decoders
                decoder = made
                decoder.thread_count = 1
            for frame, shown_90k in timed_pictures(decoder, pts_90k, annex_b):
                if encoder is None:
                    encoder = PictureEncoder(frame, masks)
                if masks is None:
                    packets.send(encoder.encode(frame, shown_90k), shown_90k)
                    continue
                with masks.turn:
                    picture = encoder.encode(frame, shown_90k)
                    masks.made(picture)
                    packets.send(picture, shown_90k)


def timed_pictures(decoder: VideoCodecContext, pts_90k: int, annex_b: bytes) -> Iterator[tuple[VideoFrame, int]]:
    """What the decoder has ready after one access unit, in the order of showing, each with its own time: with B pictures that is an
    earlier unit's. A unit that loss has damaged yields nothing.
    """
    packet = av.Packet(annex_b)
    packet.pts = pts_90k
    with suppress(FFmpegError):
        for frame in decoder.decode(packet):
            yield frame, pts_90k if frame.pts is None else frame.pts


def access_units(source: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    """(codec, pts in 90 kHz, Annex B): u32 length, u8 flags, u8 codec, u16 0, i64 pts, bytes."""
    while len(head := source.read(16)) == 16:
        length, _, codec, _, pts_90k = struct.unpack(">IBBHq", head)
        yield codec, pts_90k, source.read(length)


class PictureEncoder:
    """Keeps the size of the first picture, at most 1080p."""

    def __init__(self, first: VideoFrame, masks: LiveMasks | None = None) -> None:
        self._masks = masks
        shrink = min(1.0, MAX_WIDTH / first.width, MAX_HEIGHT / first.height)
        self._width, self._height = int(first.width * shrink) // 2 * 2, int(first.height * shrink) // 2 * 2
        kbit_s = max(300, int(self._width * self._height * BITS_A_PIXEL / 1000))
        self._encoder = H264Encoder(self._width, self._height, 25.0, kbit_s)
        self._next_key_90k: int | None = None

    def encode(self, frame: VideoFrame, pts_90k: int) -> bytes:
        """One picture in Annex B; a key frame every KEY_EVERY_90K, and whenever another plan is in force: whoever comes then begins
        with what it hides.
        """
        fitted = frame.reformat(self._width, self._height, "yuv420p")
        key = self._next_key_90k is None or pts_90k >= self._next_key_90k
        planes: Planes = (packed_plane(fitted, 0), packed_plane(fitted, 1), packed_plane(fitted, 2))
        if self._masks is not None:
            key = self._masks.is_anew or key
            planes = self._masks.hide(planes, self._width, self._height)
        if key:
            self._next_key_90k = pts_90k + KEY_EVERY_90K
        y, u, v = planes
        return self._encoder.encode(bytes(y), bytes(u), bytes(v), key)


def packed_plane(frame: VideoFrame, index: int) -> bytes:
    """A plane without the padding at the end of its rows."""
    plane = frame.planes[index]
    octets = memoryview(plane)
    width, height, line = plane.width, plane.height, plane.line_size
    if line == width:
        return bytes(octets[: width * height])
    return b"".join(octets[row * line : row * line + width] for row in range(height))


class LiveMasks:
    """The plan in force, as the node tells it; without one, or when the node is gone, nothing is shown (A40)."""

    def __init__(self, orders: TextIO = sys.stdin, said: TextIO = sys.stdout) -> None:
        self._plan = HIDDEN
        self._told = HIDDEN
        self._said = said
        self.turn = threading.Lock()
        """Held while a picture is made and sent: once a plan is said to be in force, no picture by another one follows."""
        self._guard = PositionGuard()
        threading.Thread(target=self._follow, args=(orders,), daemon=True).start()

    def _follow(self, orders: TextIO) -> None:
        try:
            for line in orders:
                plan = MaskPlan.parse(line)
                with self.turn:
                    self._plan = plan
                    self._say(f"plan {plan.number}")
        finally:
            os._exit(0)  # the node is gone, or says what we do not understand: no picture rather than a clear one

    def _say(self, text: str) -> None:
        print(text, file=self._said, flush=True)

    @property
    def is_anew(self) -> bool:
        """Whether another plan is in force than at the last picture."""
        return self._plan is not self._told

    def made(self, annex_b: bytes) -> None:
        """A picture by the plan in force is about to be sent: a key frame is told, with what it is known by."""
        digest = key_digest(annex_b)
        if digest:
            self._say(f"key {self._told.number} {digest}")

    def hide(self, planes: Planes, width: int, height: int) -> Planes:
        """One picture as it may leave."""
        plan = self._plan
        if plan is not self._told:
            self._told = plan
            self._guard.begin()
        if plan.guarded and not plan.blank and not self._guard.moved and self._guard.look(planes[0], width, height):
            self._say(f"moved {plan.number}")
        if self._guard.moved:
            plan = replace(plan, blank=True)
        return hidden(planes, width, height, plan)


class RtpSender:
    """H.264 over RTP over TCP: single NAL units and FU-A."""

    def __init__(self, sink: socket.socket, ssrc: int) -> None:
        self._sink = sink
        self._ssrc = ssrc
        self._sequence = 0

    def send(self, annex_b: bytes, pts_90k: int) -> None:
        """One access unit; the marker stands on its last packet."""
        units = [unit for unit in annex_b.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01") if unit]
        payloads = [payload for unit in units for payload in self._payloads(unit)]
        out = bytearray()
        for index, payload in enumerate(payloads):
            marker = 0x80 if index == len(payloads) - 1 else 0
            out += struct.pack(
                ">HBBHII", len(payload) + 12, 0x80, PAYLOAD_TYPE | marker, self._sequence, pts_90k & 0xFFFFFFFF, self._ssrc
            )
            out += payload
            self._sequence = (self._sequence + 1) & 0xFFFF
        self._sink.sendall(out)

    @staticmethod
    def _payloads(unit: bytes) -> Iterator[bytes]:
        if len(unit) <= PACKET_BYTES:
            yield unit
            return
        indicator, kind = unit[0] & 0xE0 | 28, unit[0] & 0x1F
        for start in range(1, len(unit), PACKET_BYTES):
            first, last = start == 1, start + PACKET_BYTES >= len(unit)
            yield bytes((indicator, kind | (0x80 if first else 0) | (0x40 if last else 0))) + unit[start : start + PACKET_BYTES]
