"""When a place changed: the comparing of a region and the search over key frames, on pictures that are made here."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from fengsui.picture_worker.comparing import Frame, Patch, frame_for, has_changed, patch_of, share, within
from fengsui.picture_worker.searching import Change, Look, Passed, Search

WIDTH, HEIGHT = 160, 90
REGION = [(0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6)]
GROUP_US = 2_000_000
DAY_US = 86_400_000_000

Scene = Callable[[int, int], float]


def street(x: int, y: int) -> float:
    """Paving with joints, half in the shade."""
    return 90 + 40 * (x // 7 % 2) + 25 * (y // 5 % 2) - (30 if x > 90 else 0)


def bicycle(x: int, y: int) -> float:
    """The same with something standing in the middle of the region."""
    if 70 <= x < 90 and 39 <= y < 52:
        return 40 + 90 * ((x + y) // 3 % 2)
    return street(x, y)


def passer_by(x: int, y: int) -> float:
    """Somebody walks through its edge."""
    return 200 - 3 * (y % 9) if 66 <= x < 78 and 20 <= y < 70 else street(x, y)


def seen(scene: Scene, frame: Frame, *, gain: float = 1.0, more: float = 0.0, noise: float = 0.0, seed: int = 0) -> Patch:
    """A camera's picture of it, as the worker scales it."""
    chance = random.Random(seed)
    luma = bytearray(frame.width * frame.height)
    for y in range(frame.height):
        for x in range(frame.width):
            value = scene(x * WIDTH // frame.width, y * HEIGHT // frame.height) * gain + more + chance.gauss(0, noise)
            luma[y * frame.width + x] = max(0, min(255, round(value)))
    return patch_of(luma, frame.width, frame)


@pytest.fixture(scope="module")
def frame() -> Frame:
    return frame_for(REGION, WIDTH, HEIGHT)


def test_a_frame_has_the_region_and_some_of_what_is_around_it(frame: Frame) -> None:
    assert (frame.width, frame.height) == (WIDTH, HEIGHT), "a small picture is not made larger"
    assert 0 < sum(frame.inside) < len(frame.inside) == frame.columns * frame.rows
    large = frame_for(REGION, 3840, 2160)
    assert large.columns * 6 <= large.width <= 240 and large.rows * 6 <= large.height
    corner = frame_for([(0.0, 0.0), (0.02, 0.0), (0.02, 0.02)], 640, 360)
    assert any(corner.inside) and corner.left == corner.top == 0
    edge = frame_for([(0.99, 0.99), (1.0, 0.99), (1.0, 1.0)], 640, 360)
    assert any(edge.inside) and edge.left + edge.columns * 6 <= edge.width and edge.top + edge.rows * 6 <= edge.height


def test_a_polygon_holds_what_is_inside_of_it() -> None:
    bent = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.2), (0.0, 1.0)]
    assert within(bent, (0.1, 0.5)) and within(bent, (0.9, 0.5))
    assert not within(bent, (0.5, 0.6)) and not within(bent, (1.2, 0.5))


@pytest.mark.parametrize(
    ("gain", "more", "noise"),
    [(1.0, 0.0, 0.0), (1.0, 0.0, 6.0), (0.5, 0.0, 3.0), (1.5, 10.0, 3.0), (0.75, -15.0, 2.0)],
    ids=["nothing", "noise", "dusk", "the sun comes out", "a cloud"],
)
def test_light_and_noise_are_no_change_and_what_stands_there_is(frame: Frame, gain: float, more: float, noise: float) -> None:
    before = seen(street, frame, noise=noise, seed=1)
    assert not has_changed(frame, before, seen(street, frame, gain=gain, more=more, noise=noise, seed=2))
    there = seen(bicycle, frame, gain=gain, more=more, noise=noise, seed=3)
    assert has_changed(frame, before, there) and has_changed(frame, there, before)


def test_a_flat_thing_on_flat_ground_is_seen_by_its_brightness(frame: Frame) -> None:
    def ground(x: int, y: int) -> float:
        return 100

    def roof(x: int, y: int) -> float:
        return 170 if 64 <= x < 96 and 36 <= y < 54 else 100

    assert has_changed(frame, seen(ground, frame, noise=4, seed=1), seen(roof, frame, noise=4, seed=2))
    assert not has_changed(frame, seen(ground, frame, noise=4, seed=1), seen(ground, frame, gain=1.4, noise=4, seed=2))


def test_what_changes_outside_of_the_region_is_not_looked_at(frame: Frame) -> None:
    def elsewhere(x: int, y: int) -> float:
        return 220 - 8 * (x % 5) if x < 60 else street(x, y)

    assert share(frame, seen(street, frame), seen(elsewhere, frame)) == 0


class Day:
    """Key frames each two seconds of a scene that changes at times; counts those that were decoded."""

    def __init__(self, frame: Frame, *scenes: tuple[int, Scene], gap_us: tuple[int, int] = (0, 0)) -> None:
        self._frame, self._scenes, self._gap_us = frame, scenes, gap_us
        self._seen: dict[Scene, Patch] = {}
        self.decoded = 0

    def look(self, at_us: int) -> Look | None:
        start_us = at_us // GROUP_US * GROUP_US
        if self._gap_us[0] <= start_us < self._gap_us[1]:
            start_us = self._gap_us[1]
        if start_us >= DAY_US:
            return None
        self.decoded += 1
        scene = [scene for begins_us, scene in self._scenes if begins_us <= start_us][-1]
        if scene not in self._seen:
            self._seen[scene] = seen(scene, self._frame)
        return Look(start_us, start_us + GROUP_US, self._seen[scene])

    def found(self, step_s: int = 60) -> list[Change]:
        told = list(Search(self._frame, self.look).run(0, step_s * 1_000_000))
        passed = [one.at_us for one in told if isinstance(one, Passed)]
        assert passed == sorted(passed)
        return [one for one in told if isinstance(one, Change)]


def test_a_lasting_change_is_narrowed_down_to_neighbouring_key_frames(frame: Frame) -> None:
    gone_us = 51_237 * 1_000_000
    day = Day(frame, (0, bicycle), (gone_us, street))
    [change] = day.found()
    assert (change.kind, change.after_us - change.before_us) == ("lasting", GROUP_US)
    assert change.before_us < gone_us <= change.after_us and change.share > 0.12
    assert day.decoded < 1_440 + 20, "a day costs a look a minute, and a few more"


def test_changes_come_in_the_order_of_time_and_one_over_a_gap_is_told_with_the_gap_between(frame: Frame) -> None:
    times = [7_000, 21_003, 64_000]
    day = Day(frame, (0, street), (times[0] * 10**6, bicycle), (times[1] * 10**6, street), (times[2] * 10**6, bicycle))
    found = day.found()
    assert [one.kind for one in found] == ["lasting"] * 3
    assert all(one.before_us < at * 10**6 <= one.after_us for one, at in zip(found, times, strict=True))
    gap_us = (30_000 * 10**6, 40_000 * 10**6)
    [over] = Day(frame, (0, street), (35_000 * 10**6, bicycle), gap_us=gap_us).found()
    assert (over.before_us, over.after_us) == (gap_us[0] - GROUP_US, gap_us[1])


def test_who_passes_is_told_apart_from_what_lasts(frame: Frame) -> None:
    day = Day(frame, (0, street), (1_799 * 10**6, passer_by), (1_803 * 10**6, street), (50_000 * 10**6, bicycle))
    passing, lasting = day.found()
    assert (passing.kind, passing.before_us, passing.after_us, passing.until_us) == (
        "passing",
        *(at * 10**6 for at in (1_740, 1_800, 1_860)),
    )
    assert (lasting.kind, lasting.after_us) == ("lasting", 50_000 * 10**6)


def test_a_change_shortly_before_the_end_is_found_too(frame: Frame) -> None:
    [change] = Day(frame, (0, street), (DAY_US - 20_000_000, bicycle)).found()
    assert (change.kind, change.after_us) == ("lasting", DAY_US - 20_000_000)


def test_slow_change_of_light_never_adds_up(frame: Frame) -> None:
    patches = [seen(street, frame, gain=1 - at / 200) for at in range(120)]

    def look(at_us: int) -> Look | None:
        at = at_us // GROUP_US
        return Look(at * GROUP_US, (at + 1) * GROUP_US, patches[at]) if at < len(patches) else None

    assert not [one for one in Search(frame, look).run(0, GROUP_US) if isinstance(one, Change)]


def test_a_place_that_never_rests_ends_all_the_same(frame: Frame) -> None:
    patches = [seen(lambda x, y, at=at: (x * (at + 3) * 37 + y * (at + 1) * 91) % 256, frame) for at in range(40)]  # type: ignore[misc]

    def look(at_us: int) -> Look | None:
        at = at_us // GROUP_US
        return Look(at * GROUP_US, (at + 1) * GROUP_US, patches[at]) if at < len(patches) else None

    found = [one for one in Search(frame, look).run(0, GROUP_US) if isinstance(one, Change)]
    assert 0 < len(found) < len(patches)


def test_nothing_is_found_where_there_is_no_footage(frame: Frame) -> None:
    assert list(Search(frame, lambda at_us: None).run(0, GROUP_US)) == []
