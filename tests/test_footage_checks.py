"""What counts as kept long enough, which moment is tried, and how shares are told."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from math import inf

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.features.footage_checks.actions import planned_since
from fengsui.features.footage_checks.model import KeptFacts, moment_in, share
from fengsui.features.recording import Piece, Plan
from fengsui.picture_worker.playable import pictures_in
from fengsui.simulators.footage import FOOTAGE_FOLDER

FACTS = KeptFacts(duty=30, ceiling=90, kept=30, planned=400, over=False)


def test_a_camera_of_which_nothing_went_early_is_not_short() -> None:
    on_event = replace(FACTS, kept=10, planned=40, lacks=False)
    assert (on_event.state, replace(on_event, lacks=True).state, replace(on_event, kept=30).state) == ("young", "short", "met")


@pytest.mark.parametrize(
    ("kept", "planned", "state"),
    [
        (30, 400, "met"),
        (31, 3, "met"),
        (29, 400, "short"),
        (0, 400, "short"),
        (29, 30, "short"),
        (29, 29, "young"),
        (0, 0, "young"),
    ],
)
def test_a_camera_counts_once_it_was_planned_for_as_long_as_it_must_be_kept(kept: int, planned: int, state: str) -> None:
    assert replace(FACTS, kept=kept, planned=planned).state == state


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), max_size=8), st.integers())
def test_a_moment_lies_in_footage_whatever_the_chance(parts: list[tuple[int, int]], seed: int) -> None:
    spans, at = [], 1_000
    for gap, length in parts:
        spans.append((at + gap, at + gap + length))
        at += gap + length
    moment = moment_in(spans, random.Random(seed))
    assert (moment is None) == (not spans)
    assert moment is None or any(start <= moment < end for start, end in spans)


def test_every_moment_is_tried_as_often_as_another() -> None:
    chance = random.Random(7)
    drawn = [moment_in([(0, 10), (100, 130)], chance) for _ in range(4_000)]
    assert {one for one in drawn if one is not None} == {*range(10), *range(100, 130)}
    assert 0.2 < sum(one is not None and one < 10 for one in drawn) / 4_000 < 0.3


def test_a_share_is_whole_only_when_nothing_lacks() -> None:
    assert [share(1, 1), share(99_999, 100_000), share(0, 3), share(0, 0)] == [100.0, 99.99, 0.0, None]


def test_a_plan_that_was_changed_goes_on_and_one_that_was_off_begins_anew() -> None:
    def plan(mode: str, set_at: float) -> Plan:
        return Plan("1", mode, "main", set_at, "somebody")  # type: ignore[arg-type]

    changed = [Piece(plan("always", 100.0), 200.0), Piece(plan("event", 200.0), inf)]
    assert (planned_since(changed), planned_since(changed, ("always",))) == (100.0, inf)
    back = [changed[0], Piece(plan("event", 200.0), 300.0), Piece(plan("always", 300.0), inf)]
    assert planned_since(back, ("always",)) == 300.0
    off = [Piece(plan("always", 100.0), 200.0), Piece(plan("off", 200.0), 300.0), Piece(plan("always", 300.0), inf)]
    assert planned_since(off) == 300.0
    assert planned_since([Piece(plan("always", 100.0), 200.0), Piece(plan("always", 300.0), inf)]) == 300.0


@given(st.binary(max_size=300))
def test_any_bytes_are_no_picture(media: bytes) -> None:
    assert pictures_in(media) == 0


PICTURES = 20


def clip_of(name: str) -> bytearray:
    """The first pictures of a camera's film, as an MP4."""
    clip = BytesIO()
    with av.open(str(FOOTAGE_FOLDER / name), "r") as film, av.open(clip, "w", format="mp4") as made:
        stream = made.add_stream_from_template(film.streams.video[0])
        stream.time_base = Fraction(1, 10)
        for at, packet in zip(range(PICTURES), film.demux(video=0), strict=False):
            packet.stream, packet.time_base = stream, Fraction(1, 10)
            packet.pts = packet.dts = at
            made.mux(packet)
    return bytearray(clip.getvalue())


@pytest.mark.parametrize(("name", "damaged"), [("street.10fps.h264", 1), ("street.10fps.h265", PICTURES)])
def test_pictures_that_a_decoder_paints_over_do_not_play(name: str, damaged: int) -> None:
    clip = clip_of(name)
    assert pictures_in(bytes(clip)) == PICTURES
    with av.open(BytesIO(clip), "r") as opened:
        later = [(one.pos, one.size) for one in opened.demux(video=0) if one.size and not one.is_keyframe]
    for pos, size in later[:damaged]:
        assert pos is not None
        for at in range(pos + size // 2, pos + size // 2 + 8):
            clip[at] ^= 0xFF
    with av.open(BytesIO(clip), "r") as opened:
        assert sum(1 for _ in opened.decode(video=0)) == PICTURES, "a decoder that is not told otherwise shows them all"
    assert pictures_in(bytes(clip)) == 0
