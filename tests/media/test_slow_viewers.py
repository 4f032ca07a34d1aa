"""A WebRTC viewer that stops reading and an HLS viewer that takes a few octets at a time: each harms nobody and skips or ends."""

from __future__ import annotations

import itertools
import os
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip
from fengsui.simulators.program_stream import SYSTEM_HEADER, pack_header, pes, stream_map
from tests.end_to_end.conftest import wait_until
from tests.media.conftest import TICKS_PER_PICTURE, CameraWithTone, RunningEngine
from tests.media.test_readers import NAME
from tests.media.webrtc_viewer import WebRtcViewer

GROUP = 10
FIRST_PTS = 900_000
PES_OCTETS = 60_000
KEY = next(picture for picture in Clip.load(FOOTAGE_FOLDER / "street-sub.10fps.h264").pictures if picture.key).annex_b
MEGABYTE = 1 << 20
SEGMENT = re.compile(r"^(seg/(\d+)\.m4s\?\S+)$", re.MULTILINE)


def resident() -> int:
    """Octets of memory that this process, and with it the engine, holds."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


class SlowDownload:
    """One request whose answer is taken as slowly as it is told to."""

    def __init__(self, url: str, ticket: str) -> None:
        parts = urlsplit(url)
        self.request = f"GET {parts.path}?ticket={ticket} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        self.socket.settimeout(30)
        self.socket.connect((parts.hostname, parts.port))
        self.taken = b""
        self.whole = 0

    def __enter__(self) -> SlowDownload:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def begin(self) -> None:
        """Asks, and takes the head."""
        self.socket.sendall(self.request)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.socket.recv(1)
        assert head.split()[1] == b"200", head
        found = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        assert found is not None, head
        self.whole = int(found[1])

    def take(self, octets: int) -> None:
        """So many of the body."""
        self.taken += self.socket.recv(octets)

    def rest(self) -> bytes:
        """The whole body at last."""
        pieces = [self.taken]
        left = self.whole - len(self.taken)
        while left:
            pieces.append(self.socket.recv(min(left, 65_536)))
            assert pieces[-1], "it was cut off"
            left -= len(pieces[-1])
        return b"".join(pieces)


class Camera:
    """Films one picture when it is told to; every tenth is a key picture."""

    def __init__(self, running: RunningEngine, octets: int) -> None:
        self.running = running
        self.source = running.open(NAME)
        self.sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.camera = CameraWithTone(running.rtp_port)
        self.filmed = 0
        self.rest = b"\x00\x00\x00\x01\x41\x88" + bytes(index % 251 + 1 for index in range(octets))

    def film(self) -> int:
        """Returns once the engine has it whole: its time, which begins at nought."""
        pts, key = FIRST_PTS + self.filmed * TICKS_PER_PICTURE, self.filmed % GROUP == 0
        head = pack_header(pts) + (SYSTEM_HEADER + stream_map("h264", audio=None) if key else b"")
        picture = KEY if key else self.rest
        pieces = [picture[at : at + PES_OCTETS] for at in range(0, len(picture), PES_OCTETS)]
        body = b"".join(pes(0xE0, None if number else pts, piece) for number, piece in enumerate(pieces))
        self.camera.send(self.sender, head + body, pts)
        self.filmed += 1
        wait_until(self.is_taken, seconds=60, what="the engine has it", every_s=0.002)
        return (self.filmed - 1) * TICKS_PER_PICTURE

    def is_taken(self) -> bool:
        """Whether the engine has all that was filmed."""
        counters = self.running.engine.source_counters(self.source)
        return counters is not None and counters.frames >= self.filmed


@contextmanager
def filmed_by(running: RunningEngine, octets: int) -> Iterator[Camera]:
    camera = Camera(running, octets)
    with camera.sender:
        yield camera


def readers(running: RunningEngine) -> int:
    return running.engine.counters().readers


def gaps(packets: list[tuple[int, int]]) -> int:
    """Packets that are missing between those read."""
    numbers = [number for number, _ in packets]
    return sum((after - before - 1) % 65_536 for before, after in itertools.pairwise(numbers))


PICTURES, STALLED = 600, 6
OCTETS = 40_000


def test_webrtc_viewers_who_stop_reading_are_skipped_or_ended_and_whoever_reads_misses_nothing(running: RunningEngine) -> None:
    with filmed_by(running, OCTETS) as camera, ExitStack() as stack:
        for _ in range(2):  # what is there at first must find room in the kernel
            camera.film()
        viewers = [WebRtcViewer(running.url("whep", NAME, session=f"s{number}")) for number in range(2 + STALLED)]
        for viewer in viewers:
            stack.callback(viewer.close)
        first = camera.film()
        for viewer in viewers:
            viewer.packets(first)
        (quick, stalled, *gone), held, seen = viewers, resident(), []
        for _ in range(PICTURES):
            seen += quick.packets(camera.film())
            quick.consent()
            stalled.consent()
        assert gaps(seen) == 0, "each packet, in order"
        assert len({timestamp for _, timestamp in seen}) == PICTURES, "and each picture"
        assert resident() - held < PICTURES * OCTETS, f"{PICTURES * OCTETS} octets are not kept for even one of {1 + STALLED}"
        late = stalled.left_waiting()
        late += stalled.packets(camera.film())
        assert gaps(late) > 0, "what it did not take is not sent later"
        assert late[-1][1] == (camera.filmed - 1) * TICKS_PER_PICTURE, "it goes on with what is new"

        def only_these_two() -> bool:
            quick.consent()
            stalled.consent()
            return readers(running) == 2

        wait_until(only_these_two, seconds=90, what="who says nothing any more is let go (RFC 7675)")
        del gone


SLOW, PICTURE_OF_HLS = 24, 500_000


def test_hls_viewers_who_take_a_few_octets_at_a_time_are_bounded_and_skip(running: RunningEngine) -> None:
    """Three megabytes of memory for a segment, not for each of its readers."""
    base = running.url("hls", NAME, "/").partition("?")[0]
    with filmed_by(running, PICTURE_OF_HLS) as camera, ExitStack() as stack:
        client = stack.enter_context(httpx.Client(base_url=base, timeout=30))
        for _ in range(GROUP + 1):
            camera.film()

        def segments(session: str) -> dict[int, str]:
            answer = client.get("index.m3u8", params={"ticket": running.ticket(NAME, session)})
            assert answer.status_code == 200, answer.text
            return {int(number): address for address, number in SEGMENT.findall(answer.text)}

        with ThreadPoolExecutor(1) as beside:
            first = beside.submit(segments, "quick")  # answered when there is something to play
            while not first.done():
                camera.film()
        for _ in range(2 * GROUP):
            camera.film()
        newest = max(segments("quick"))
        slow = [
            stack.enter_context(SlowDownload(f"{base}seg/{newest}.m4s", running.ticket(NAME, f"slow-{n}"))) for n in range(SLOW)
        ]
        held = resident()
        for one in slow:
            one.begin()
        assert resident() - held < SLOW * GROUP * PICTURE_OF_HLS / 4, "the segment is there once, whoever takes it"
        got = [client.get(segments("quick")[newest]).content]
        assert len(got[0]) > GROUP * PICTURE_OF_HLS - PICTURE_OF_HLS
        for _ in range(8):  # more than a playlist keeps
            for _ in range(GROUP):
                camera.film()
                for one in slow:
                    one.take(16)
            listed = segments("quick")
            got.append(client.get(listed[max(listed)]).content)
        assert len({len(segment) for segment in got[1:]}) == 1, "whoever is quick gets each segment whole"
        assert slow[0].rest() == got[0], "what was begun is given to its end"
        assert client.get(f"seg/{newest + 1}.m4s", params={"ticket": running.ticket(NAME, "slow-0")}).status_code == 404
        assert min(segments("slow-0")) > newest + 1, "and goes on with what is new"
