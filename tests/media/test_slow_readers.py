"""A reader that takes nothing for a while goes on at a key picture; whoever reads beside it misses none."""

from __future__ import annotations

import base64
import itertools
import os
import socket
import struct
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip
from fengsui.simulators.program_stream import SYSTEM_HEADER, pack_header, pes, stream_map
from tests.end_to_end.conftest import wait_until
from tests.media.conftest import TICKS_PER_PICTURE, CameraWithTone, RunningEngine
from tests.media.test_readers import NAME, await_frames

GROUP, GROUPS, OCTETS = 10, 12, 60_000
"""Seven megabytes in all: more than the kernel keeps for a reader that takes nothing."""
LAST = GROUP * GROUPS - 1
NOT_KEY = 0x0001_0000
"""ISO/IEC 14496-12 §8.8.3.1: sample_is_non_sync_sample."""


class Reader:
    """One connection by fMP4 over HTTP or WebSocket, which reads when it is told to."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        self.socket.settimeout(30)
        self.socket.connect((parts.hostname, parts.port))
        upgrade = ""
        if parts.scheme == "ws":
            key = base64.b64encode(os.urandom(16)).decode()
            upgrade = f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        self.socket.sendall(f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n{upgrade}\r\n".encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self._exactly(1)
        assert head.split()[1] == (b"101" if upgrade else b"200"), head
        self.by_message = bool(upgrade)

    def _some(self, most: int) -> bytes:
        found = self.socket.recv(most)
        assert found, "the connection ended"
        return found

    def _exactly(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            found += self._some(count - len(found))
        return found

    def _payload(self) -> bytes:
        """What came next of the body; or of the next message (RFC 6455 §5.2), nothing of one in text."""
        if not self.by_message:
            return self._some(65_536)
        kind, length = self._exactly(2)
        if length > 125:
            length = int.from_bytes(self._exactly(2 if length == 126 else 8), "big")
        message = self._exactly(length)
        return message if kind & 0x0F == 2 else b""

    def boxes(self) -> Iterator[tuple[bytes, bytes]]:
        """(kind, content) of each top-level box."""
        kept = b""
        while True:
            while len(kept) >= 8 and len(kept) >= (size := int.from_bytes(kept[:4], "big")):
                yield kept[4:8], kept[8:size]
                kept = kept[size:]
            kept += self._payload()

    def pictures(self) -> Iterator[tuple[int, bool]]:
        """(number, whether it is a key picture), by the decode time and flags of each fragment."""
        for kind, content in self.boxes():
            if kind == b"moof":
                at = content.index(b"tfdt")
                time = (
                    int.from_bytes(content[at + 8 : at + 16], "big")
                    if content[at + 4]
                    else struct.unpack(">I", content[at + 8 : at + 12])[0]
                )
                yield time // TICKS_PER_PICTURE, not first_flags(content) & NOT_KEY


def first_flags(moof: bytes) -> int:
    """Of the fragment's first sample: in the run itself, or as its default (§8.8.7, §8.8.8)."""
    run = moof.index(b"trun")
    flags = int.from_bytes(moof[run + 5 : run + 8], "big")
    at = run + 12 + (4 if flags & 0x1 else 0)
    if flags & 0x4:
        return int.from_bytes(moof[at : at + 4], "big")
    if flags & 0x400:
        at += (4 if flags & 0x100 else 0) + (4 if flags & 0x200 else 0)
        return int.from_bytes(moof[at : at + 4], "big")
    header = moof.index(b"tfhd")
    flags = int.from_bytes(moof[header + 5 : header + 8], "big")
    assert flags & 0x20, "no flags anywhere"
    at = header + 12 + sum(size for bit, size in ((0x1, 8), (0x2, 4), (0x8, 4), (0x10, 4)) if flags & bit)
    return int.from_bytes(moof[at : at + 4], "big")


def film(running: RunningEngine, source: int, count: int) -> None:
    """So many pictures, each once the one before came whole."""
    camera = CameraWithTone(running.rtp_port)
    key = next(picture for picture in Clip.load(FOOTAGE_FOLDER / "street-sub.10fps.h264").pictures if picture.key).annex_b
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(count):
            pts = 900_000 + number * TICKS_PER_PICTURE
            first = number % GROUP == 0
            head = pack_header(pts) + (SYSTEM_HEADER + stream_map("h264", audio=None) if first else b"")
            picture = key if first else b"\x00\x00\x00\x01\x41\x88" + bytes([number]) * OCTETS
            camera.send(sender, head + pes(0xE0, pts, picture), pts)
            await_frames(running, source, number + 1)


@pytest.mark.parametrize("way", ["fmp4", "ws"])
def test_a_reader_that_stands_still_goes_on_at_a_key_picture_and_the_other_misses_none(running: RunningEngine, way: str) -> None:
    source = running.open(NAME)
    started = threading.Thread(target=film, args=(running, source, GROUP * GROUPS))
    started.start()
    quick, stalled = Reader(running.url(way, NAME, session="s1")), Reader(running.url(way, NAME, session="s2"))
    seen = []
    for one in quick.pictures():
        seen.append(one)
        if one[0] == LAST - 1:  # the last one's length is known with the one after it only
            break
    started.join()
    numbers = [number for number, _ in seen]
    assert numbers == list(range(numbers[0], LAST)), "each picture, in order"
    assert all(key == (number % GROUP == 0) for number, key in seen)
    assert running.engine.counters().skipped_frames == 0
    late = []
    for one in stalled.pictures():
        late.append(one)
        if one[0] == LAST - 1:
            break
    gaps = [(before, after) for (before, _), (after, _) in itertools.pairwise(late) if after != before + 1]
    assert gaps, "what had left the ring is not sent"
    skipped = sum(after - before - 1 for before, after in gaps)
    wait_until(lambda: running.engine.counters().skipped_frames == skipped, seconds=60, what=f"{skipped} skipped are counted")
    assert all(after % GROUP == 0 for _, after in gaps), f"after each gap a key picture: {gaps}"
    quick.socket.close()
    stalled.socket.close()
