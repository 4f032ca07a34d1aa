"""Readers end with their session, and strangers on the RTP port disturb nobody."""

from __future__ import annotations

import contextlib
import itertools
import re
import socket
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest

from fengsui.media import SourceSpec, Transport
from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip
from fengsui.simulators.program_stream import SYSTEM_HEADER, pack_header, pes, stream_map
from tests.end_to_end.conftest import wait_until
from tests.media.conftest import SSRC, TICKS_PER_PICTURE, CameraWithTone, RunningEngine, engine_with, filming
from tests.ports import free_port

NAME = "34020000001320000001/main"


def frames(engine: RunningEngine, source: int) -> int:
    counters = engine.engine.source_counters(source)
    assert counters is not None
    return counters.frames


def await_frames(engine: RunningEngine, source: int, count: int) -> None:
    wait_until(lambda: frames(engine, source) >= count, seconds=60, what=f"{count} pictures came")


def test_the_end_of_a_session_ends_its_readers_and_no_others(running: RunningEngine) -> None:
    running.open(NAME)
    with filming(running), httpx.Client(timeout=20) as client:
        mine, other = (client.get(running.url("hls", NAME, "/index.m3u8", session)) for session in ("s1", "s2"))
        assert (mine.status_code, other.status_code) == (200, 200)
        children = re.findall(r'URI="([^"]+)"|^(seg/\S+)', mine.text, re.MULTILINE)
        assert children
        assert all("?ticket=" in "".join(child) for child in children), "each child address carries the ticket"
        with client.stream("GET", running.url("fmp4", NAME)) as body:
            chunks = body.iter_bytes()
            assert next(chunks)
            running.engine.revoke_session("s1")
            for _ in chunks:
                pass  # it ends by itself
        base = running.url("hls", NAME, "").split("?")[0]
        for child in children:
            assert client.get(f"{base}/{''.join(child)}").status_code == 403
        assert client.get(running.url("hls", NAME, "/index.m3u8", "s1")).status_code == 403
        again = client.get(running.url("hls", NAME, "/index.m3u8", "s2"))
        assert again.status_code == 200
        numbers = [int(re.findall(r"MEDIA-SEQUENCE:(\d+)", text)[0]) for text in (other.text, again.text)]
        assert 0 <= numbers[1] - numbers[0] < 50, "the other viewer's playlist goes on"


@pytest.mark.parametrize("way", ["fmp4", "es"])
def test_whose_session_ends_before_the_first_picture_sees_none(running: RunningEngine, way: str) -> None:
    """Its ticket was looked at before; it is given a place only when there is something to show."""
    source = running.open(NAME)

    def readers() -> int:
        counters = running.engine.source_counters(source)
        assert counters is not None
        return counters.readers

    def view() -> bytes:
        with httpx.Client(timeout=30) as client:
            try:
                answer = client.get(running.url(way, NAME))
            except httpx.RemoteProtocolError:
                return b""
            return answer.content if answer.status_code == 200 else b""

    with ThreadPoolExecutor(1) as pool:
        seen = pool.submit(view)
        wait_until(lambda: running.engine.counters().readers == 1, seconds=60, what="the ticket has opened")
        running.engine.revoke_session("s1")
        with filming(running):
            await_frames(running, source, 20)
            assert seen.result(timeout=20) == b""
    wait_until(lambda: readers() == 0, seconds=60, what="nobody reads")


def test_a_new_viewer_gets_a_large_group_of_pictures_whole_though_no_further_picture_comes(running: RunningEngine) -> None:
    source = running.open(NAME)
    camera = CameraWithTone(running.rtp_port)
    key = next(picture for picture in Clip.load(FOOTAGE_FOLDER / "street-sub.10fps.h264").pictures if picture.key).annex_b
    others = [b"\x00\x00\x00\x01\x41\x88" + bytes([number + 4]) * 60_000 for number in range(30)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number, picture in enumerate([key, *others]):
            pts = 900_000 + number * TICKS_PER_PICTURE
            head = pack_header(pts) + (SYSTEM_HEADER + stream_map("h264", audio=None) if number == 0 else b"")
            camera.send(sender, head + pes(0xE0, pts, picture), pts)
            await_frames(running, source, number + 1)
    with httpx.Client(timeout=20) as client, client.stream("GET", running.url("fmp4", NAME)) as body:
        seen = b""
        for chunk in body.iter_bytes():
            seen += chunk
            if others[-1][4:] in seen[-70_000:]:
                break
    assert all(picture[4:] in seen for picture in others)


def test_a_swarm_of_connections_that_say_nothing_is_bounded_and_harms_nobody(running: RunningEngine) -> None:
    source = running.open(NAME)
    with filming(running), contextlib.ExitStack() as swarm:
        wait_until(lambda: frames(running, source) > 5, seconds=60, what="the camera plays")
        for _ in range(200):
            swarm.enter_context(socket.create_connection(("127.0.0.1", running.rtp_port)))
        wait_until(lambda: running.engine.counters().refused_connections >= 180, seconds=60, what="most are refused")
        before = frames(running, source)
        wait_until(lambda: frames(running, source) > before + 10, seconds=60, what="the camera goes on")


def test_a_swarm_on_a_streams_own_port_is_bounded_and_its_camera_comes_in() -> None:
    port = next(port for port in iter(free_port, None) if port % 2 == 0)
    with engine_with(own_port=port) as running:
        spec = SourceSpec(name=NAME, ssrc=SSRC, transport=Transport.TCP_PASSIVE, own_port=True)
        opened = running.engine.open_source(spec)
        assert opened.port == port
        with contextlib.ExitStack() as swarm:
            for _ in range(100):
                swarm.enter_context(socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.7", 0)))
            wait_until(lambda: running.engine.counters().refused_connections >= 84, seconds=60, what="most are refused")
            with socket.create_connection(("127.0.0.1", port)) as camera:
                clip = Clip.load(FOOTAGE_FOLDER / "street-sub.10fps.h264")
                sequence = itertools.count()
                for number, picture in enumerate(clip.pictures[:12]):
                    pts = 900_000 + number * TICKS_PER_PICTURE
                    pack = pack_header(pts) + (SYSTEM_HEADER + stream_map(clip.codec, audio=None) if picture.key else b"")
                    pack += pes(0xE0, pts, picture.annex_b)
                    for packet in packets_of(pack, pts, sequence):
                        camera.sendall(struct.pack(">H", len(packet)) + packet)
                wait_until(lambda: frames(running, opened.id) >= 5, seconds=60, what="the camera's pictures come")


def packets_of(pack: bytes, pts: int, sequence: Iterator[int]) -> Iterator[bytes]:
    """RTP packets of one picture."""
    for at in range(0, len(pack), 1_400):
        last = at + 1_400 >= len(pack)
        yield struct.pack(">BBHII", 0x80, 96 | (0x80 if last else 0), next(sequence), pts, SSRC) + pack[at : at + 1_400]


def test_pictures_above_the_limit_are_dropped_and_counted_also_after_the_source_has_ended() -> None:
    with engine_with(max_frame_bytes=2_000) as running:
        source = running.open(NAME)
        with filming(running):
            wait_until(lambda: running.engine.counters().oversized_frames > 3, seconds=60, what="large pictures are counted")
        found = running.engine.source_counters(source)
        assert found is not None and found.discarded_frames > 3
        before = running.engine.counters().oversized_frames
        running.engine.close_source(source)
        assert running.engine.counters().oversized_frames >= before > 3


def test_strangers_do_not_disturb_a_running_stream(running: RunningEngine) -> None:
    source = running.open(NAME)
    with filming(running), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        wait_until(lambda: frames(running, source) > 5, seconds=60, what="the camera plays")
        before = running.engine.source_counters(source)
        assert before is not None
        for number in range(2_000):
            for ssrc in (SSRC, SSRC + 1, 0):
                head = struct.pack(">BBHII", 0x80, 96, number * 31 & 0xFFFF, number, ssrc)
                stranger.sendto(head + b"\x00\x00\x01\xba" + b"\x55" * 40, ("127.0.0.1", running.rtp_port))
            stranger.sendto(b"\x55" * (number % 30), ("127.0.0.1", running.rtp_port))
        wait_until(lambda: frames(running, source) > before.frames + 20, seconds=60, what="the camera goes on")
        after = running.engine.source_counters(source)
        assert after is not None
        assert (after.lost, after.discarded_frames) == (before.lost, before.discarded_frames)
        counters = running.engine.counters()
        assert counters.unknown_packets > 0
        assert counters.malformed_packets > 0


def test_hls_counts_each_session_as_one_reader_until_it_asks_no_more(running: RunningEngine) -> None:
    source = running.open(NAME)

    def readers() -> tuple[int, int]:
        counters = running.engine.source_counters(source)
        assert counters is not None
        return counters.readers, running.engine.counters().readers

    with filming(running), httpx.Client(timeout=20) as client:
        for session, wanted in (("s1", 1), ("s2", 2), ("s1", 2), ("s3", 3)):
            assert client.get(running.url("hls", NAME, "/index.m3u8", session)).status_code == 200
            assert readers() == (wanted, wanted)
        before = running.engine.counters().bytes_out
        assert len(client.get(running.url("hls", NAME, "/init.mp4", "s2")).content) <= running.engine.counters().bytes_out - before
        running.engine.revoke_session("s3")
        wait_until(lambda: readers() == (2, 2), seconds=60, what="an ended session reads no more")

        def first_asks_on() -> bool:
            assert client.get(running.url("hls", NAME, "/index.m3u8", "s1")).status_code == 200
            return readers() == (1, 1)

        wait_until(first_asks_on, seconds=60, what="who asks for nothing any more has left, the other has not")
        wait_until(lambda: readers() == (0, 0), seconds=60, what="the playlist ends with its last viewer")
        assert client.get(running.url("hls", NAME, "/index.m3u8", "s2")).status_code == 200, "and begins anew"
        assert readers() == (1, 1)


def test_one_session_has_so_many_readers_whatever_the_way_and_leaves_room_for_others(running: RunningEngine) -> None:
    running.open(NAME)
    with filming(running), ExitStack() as stack:
        client = stack.enter_context(httpx.Client(timeout=20, limits=httpx.Limits(max_connections=None)))
        before = running.engine.counters().refused_viewers
        first = stack.enter_context(client.stream("GET", running.url("fmp4", NAME)))
        for way in ("es", "fmp4", "es", "fmp4", "es", "fmp4"):
            assert stack.enter_context(client.stream("GET", running.url(way, NAME))).status_code == 200
        assert client.get(running.url("hls", NAME, "/index.m3u8")).status_code == 200, "the eighth, for all its requests"
        assert client.get(running.url("hls", NAME, "/init.mp4")).status_code == 200
        for way in ("fmp4", "es"):
            refused = client.get(running.url(way, NAME))
            assert (refused.status_code, refused.json()["code"]) == (429, "media.too_many_readers_of_session")
            assert "max_readers_per_session" in refused.json()["remedy_zh"]
        assert running.engine.counters().refused_viewers == before + 2
        other = stack.enter_context(client.stream("GET", running.url("fmp4", NAME, session="s2")))
        assert other.status_code == 200, "another viewing has its own"
        first.close()

        def let_in() -> bool:
            with client.stream("GET", running.url("fmp4", NAME)) as again:
                return again.status_code == 200

        wait_until(let_in, seconds=60, what="what is closed makes room")
