"""The simulated dome: one head that turns with the time, and for each session pictures of its own."""

from __future__ import annotations

import av
import pytest
from av.video.codeccontext import VideoCodecContext

from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip, Picture
from fengsui.simulators.moving_view import CLOCK_BITS, CLOCK_BLOCK, HOME, Head, MovingView, View

CLIP = Clip.load(FOOTAGE_FOLDER / "street.10fps.h264")


class Clock:
    """Seconds that go on when they are told to."""

    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


def session(head: Head, number: int) -> MovingView:
    """Burns `number` and the picture's own place into its pictures."""
    shown = iter(range(number * 1000, number * 1000 + 1000))
    return MovingView(CLIP, lambda: next(shown), head)


def clocks(pictures: list[Picture]) -> list[int]:
    """What is burnt into each picture; fails where one does not decode as it was encoded."""
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.thread_count = 1
    frames = []
    with av.logging.Capture(local=True) as said:
        for picture in pictures:
            frames += decoder.decode(av.Packet(picture.annex_b))
        frames += decoder.decode(None)
    assert [text for level, _, text in said if level <= av.logging.ERROR] == []
    assert not any(frame.is_corrupt for frame in frames)
    return [burnt(bytes(frame.planes[0]), frame.planes[0].line_size) for frame in frames]


def burnt(luma: bytes, line: int) -> int:
    """The bits of the first row, each of which the second row must deny."""
    middle = CLOCK_BLOCK // 2

    def bit(row: int, column: int) -> bool:
        return luma[(row * CLOCK_BLOCK + middle) * line + column * CLOCK_BLOCK + middle] > 128

    found = [bit(0, column) for column in range(CLOCK_BITS)]
    assert [bit(1, column) for column in range(CLOCK_BITS)] == [not one for one in found]
    return int("".join("1" if one else "0" for one in found), 2)


def test_sessions_at_the_same_time_get_whole_pictures_each() -> None:
    head = Head()
    first, second = session(head, 1), session(head, 2)
    seen: tuple[list[Picture], list[Picture]] = ([], [])
    head.move(0.6, 0.2, 0.0)
    for turn in range(60):
        seen[0].append(first.next_picture())
        if turn >= 7:  # it comes into the other's group of pictures, and is slower
            if turn == 30:
                second.ask_key_frame()
            seen[1].extend(second.next_picture() for _ in range(turn % 2))
    for number, pictures in enumerate(seen, 1):
        assert pictures[0].key
        assert clocks(pictures) == [number * 1000 + at for at in range(len(pictures))]
    assert head.view != HOME


@pytest.mark.parametrize("looks", [1, 50], ids=["seldom", "often"])
def test_the_head_turns_with_the_time_however_many_look(looks: int) -> None:
    clock = Clock()
    head = Head(clock)
    head.view = View(0.5, 0.5, 2.0)
    head.move(0.5, 0.0, 0.0)
    for _ in range(looks):
        clock.s += 1 / looks
        seen = head.view
    assert seen.x == pytest.approx(0.5 + 0.5 * 0.5 / 2.0, abs=0.01)
    head.move(0, 0, 0)
    clock.s += 100
    assert head.view == seen
    head.move(0, 0, 1.0)
    clock.s += 100
    assert head.view.zoom == 4.0, "it stops at its border"


def test_a_tour_goes_from_preset_to_preset_by_its_own_time() -> None:
    clock = Clock()
    head = Head(clock)
    head.presets[3] = far = View(0.8, 0.5, 4.0)
    head.tours, head.tour_stay_s = {4: [1, 3]}, {4: 5}
    head.begin_tour(4)
    found = []
    for _ in range(4):
        found.append(head.view)
        clock.s += 5
    assert found == [HOME, far, HOME, far]
    head.move(0, 0, 0)
    clock.s += 60
    assert head.view == HOME, "what stops it stops where it is"
    head.tours = {}
    head.begin_tour(4)
    assert head.view == HOME
