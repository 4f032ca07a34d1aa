"""The picture worker by itself: pictures keep their order and their times, and a worker that cannot start leaves nothing."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Iterator
from fractions import Fraction

import av
import pytest
from av.video.codeccontext import VideoCodecContext

from fengsui.picture_worker.transcode import timed_pictures
from fengsui.picture_worker.transcoders import Transcoders
from tests.media.conftest import RunningEngine, engine_with

PICTURES, STEP_90K, SIDE = 13, 3_600, 128


@pytest.fixture(scope="module")
def with_b_pictures() -> list[tuple[int, bytes]]:
    """Each brighter than the one before, as (time of showing in 90 kHz, Annex B), in the order of decoding."""
    made = av.CodecContext.create("libx265", "w")
    assert isinstance(made, VideoCodecContext)
    made.width, made.height, made.pix_fmt = SIDE, SIDE, "yuv420p"
    made.time_base, made.framerate = Fraction(1, 25), Fraction(25)
    made.options = {"x265-params": "bframes=2:b-adapt=0:keyint=25:log-level=0", "preset": "ultrafast"}
    packets = []
    for number in range(PICTURES):
        frame = av.VideoFrame(SIDE, SIDE, "yuv420p")
        for index, plane in enumerate(frame.planes):
            plane.update(bytes([20 + number * 10 if index == 0 else 128]) * plane.buffer_size)
        frame.pts = number
        packets += made.encode(frame)
    packets += made.encode(None)
    units = [(int(packet.pts or 0) * STEP_90K, bytes(packet)) for packet in packets]
    assert units != sorted(units), "there are B pictures"
    return units


def test_pictures_that_come_in_another_order_keep_their_own_times(with_b_pictures: list[tuple[int, bytes]]) -> None:
    decoder = av.CodecContext.create("hevc", "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.thread_count = 1
    shown = [
        (round((bytes(frame.planes[0])[0] - 20) / 10), at_90k // STEP_90K)
        for unit in with_b_pictures
        for frame, at_90k in timed_pictures(decoder, *unit)
    ]
    assert len(shown) >= PICTURES - 4
    assert shown == [(number, number) for number in range(len(shown))]


@pytest.fixture
def engine() -> Iterator[RunningEngine]:
    with engine_with() as running:
        yield running


async def test_a_worker_that_cannot_start_leaves_no_source(engine: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    async def none_left(*_: object, **__: object) -> asyncio.subprocess.Process:
        raise OSError(errno.EMFILE, "Too many open files")

    transcoders = Transcoders(engine.engine, rtp_port=engine.rtp_port)
    with monkeypatch.context() as full:
        full.setattr(asyncio, "create_subprocess_exec", none_left)
        with pytest.raises(OSError, match="Too many"):
            await transcoders.begin("a/main/h264", "/es/a/main")
    assert engine.engine.counters().sources == 0 and transcoders.running == 0
    await transcoders.begin("a/main/h264", "/es/a/main")
    assert engine.engine.counters().sources == 1, "and there is one when it can"
    await transcoders.stop()
    assert engine.engine.counters().sources == 0
