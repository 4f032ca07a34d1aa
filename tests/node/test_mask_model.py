"""What is painted, where, and when a picture counts as turned: without sockets."""

from __future__ import annotations

import io
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.features.masks.model import EVERYWHERE, Mask, MaskedCamera, UnusableMask, check
from fengsui.picture_worker.masking import BLACK, GREY, UNITS, MaskPlan, hidden, rows_of
from fengsui.picture_worker.position_guard import PositionGuard

WIDTH, HEIGHT = 64, 48
CLEAR = (bytes([200]) * (WIDTH * HEIGHT), bytes([90]) * (WIDTH * HEIGHT // 4), bytes([90]) * (WIDTH * HEIGHT // 4))
corner = st.tuples(st.integers(0, UNITS), st.integers(0, UNITS))


def inside(polygon: list[tuple[int, int]], x: float, y: float) -> bool:
    """Even-odd, the plain way."""
    crossings = 0
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if (y1 <= y) != (y2 <= y) and x < x1 + (x2 - x1) * (y - y1) / (y2 - y1):
            crossings += 1
    return crossings % 2 == 1


@settings(max_examples=150, deadline=None)
@given(st.lists(corner, min_size=3, max_size=9), st.integers(0, 2**32))
def test_nothing_inside_a_polygon_is_left_unpainted(polygon: list[tuple[int, int]], seed: int) -> None:
    luma, blue, red = hidden(CLEAR, WIDTH, HEIGHT, MaskPlan(1, blank=False, polygons=(tuple(polygon),)))
    chance = random.Random(seed)
    for _ in range(300):
        x, y = chance.uniform(0, UNITS - 1), chance.uniform(0, UNITS - 1)
        if inside(polygon, x, y):
            column, row = int(x * WIDTH / UNITS), int(y * HEIGHT / UNITS)
            assert luma[row * WIDTH + column] == BLACK
            quarter = row // 2 * (WIDTH // 2) + column // 2
            assert blue[quarter] == red[quarter] == GREY


def test_far_from_the_polygon_nothing_is_painted() -> None:
    luma, blue, _ = hidden(CLEAR, WIDTH, HEIGHT, MaskPlan(1, blank=False, polygons=(((0, 0), (5000, 0), (5000, 5000), (0, 5000)),)))
    assert all(luma[row * WIDTH + 40 : (row + 1) * WIDTH] == CLEAR[0][:24] for row in range(HEIGHT))
    assert luma[30 * WIDTH :] == CLEAR[0][30 * WIDTH :]
    assert blue[15 * WIDTH // 2 :] == CLEAR[1][15 * WIDTH // 2 :]


def test_blank_hides_all_and_keeps_the_sizes() -> None:
    planes = hidden(CLEAR, WIDTH, HEIGHT, MaskPlan(1, blank=True))
    assert [set(plane) for plane in planes] == [{BLACK}, {GREY}, {GREY}]
    assert [len(plane) for plane in planes] == [len(plane) for plane in CLEAR]


@given(st.booleans(), st.booleans(), st.lists(st.lists(corner, min_size=3, max_size=5).map(tuple), max_size=4).map(tuple))
def test_a_plan_survives_its_line(blank: bool, guarded: bool, polygons: tuple[tuple[tuple[int, int], ...], ...]) -> None:
    plan = MaskPlan(7, blank=blank, polygons=polygons, guarded=guarded)
    assert MaskPlan.parse(plan.line()) == plan


def test_rows_of_many_polygons_join() -> None:
    square = ((0, 0), (5000, 0), (5000, 10000), (0, 10000))
    other = ((4000, 0), (9000, 0), (9000, 10000), (4000, 10000))
    assert all(len(spans) == 1 for _, spans in rows_of((square, other), WIDTH, HEIGHT))


def camera(ptz_type: int, *masks: Mask, position: int | None) -> MaskedCamera:
    return MaskedCamera("c", "d", ptz_type, masks, position)


def test_a_position_without_masks_of_its_own_is_hidden_whole_and_one_declared_clear_is_not() -> None:
    polygon = ((0, 0), (5000, 0), (5000, 5000))
    masks = (Mask(1, "c", 3, "", polygon), Mask(2, "c", 4, "", ()))
    assert camera(1, *masks, position=None).plan(1).blank
    assert camera(1, *masks, position=9).plan(1).blank
    assert camera(1, *masks, position=3).plan(1) == MaskPlan(1, blank=False, polygons=(polygon,), guarded=True)
    assert camera(1, *masks, position=4).plan(1) == MaskPlan(1, blank=False, polygons=(), guarded=True)
    fixed = camera(3, Mask(1, "c", EVERYWHERE, "", polygon), position=EVERYWHERE)
    assert fixed.plan(1) == MaskPlan(1, blank=False, polygons=(polygon,), guarded=False)


@pytest.mark.parametrize(
    ("ptz_type", "preset", "points"),
    [
        (1, 0, [(0, 0), (5000, 0), (5000, 5000)]),
        (3, 1, [(0, 0), (5000, 0), (5000, 5000)]),
        (3, 0, []),
        (3, 0, [(0, 0), (5000, 0)]),
        (3, 0, [(0, 0), (5000, 0), (9000, 0)]),
        (3, 0, [(0, 0), (5000, 0), (5000, UNITS + 1)]),
    ],
    ids=["turns, no preset", "fixed, preset", "nothing", "a line", "no area", "outside"],
)
def test_a_mask_that_hides_nothing_is_refused(ptz_type: int, preset: int, points: list[tuple[int, int]]) -> None:
    with pytest.raises(UnusableMask):
        check(camera(ptz_type, position=0), preset, points)


def scene(shift: int, *, noise: int = 0, lorry: bool = False) -> bytes:
    """A synthetic street, 320 × 180, moved sideways by pixels."""
    chance = random.Random(5)
    rows = []
    for y in range(180):
        row = bytearray()
        for x in range(320):
            at = x + shift
            value = 110 + 60 * math.sin(at / 23) + 30 * math.sin(at / 7 + y / 31) + 25 * math.cos(y / 13)
            if lorry and 100 < x < 170 and 90 < y < 140:
                value = 40
            row.append(int(min(235, max(16, value + (chance.randint(-noise, noise) if noise else 0)))))
        rows.append(bytes(row))
    return b"".join(rows)


def test_a_turned_picture_is_noticed_and_traffic_is_not() -> None:
    guard = PositionGuard()
    still = scene(0)
    assert not guard.look(still, 320, 180)
    assert not guard.look(scene(0, noise=12), 320, 180)
    assert not guard.look(scene(0, lorry=True), 320, 180)
    assert not guard.look(bytes(max(16, value - 30) for value in still), 320, 180), "a cloud is no turn"
    assert guard.look(scene(14), 320, 180)
    assert guard.look(still, 320, 180), "once turned it stays so"
    guard.begin()
    assert not guard.look(scene(14), 320, 180)


def test_a_slow_turn_is_noticed_too() -> None:
    guard = PositionGuard()
    guard.look(scene(0), 320, 180)
    assert any(guard.look(scene(shift), 320, 180) for shift in range(1, 25))


def test_another_scene_is_noticed() -> None:
    guard = PositionGuard()
    guard.look(scene(0), 320, 180)
    mirrored = io.BytesIO()
    for row in range(180):
        mirrored.write(scene(0)[row * 320 : (row + 1) * 320][::-1])
    assert guard.look(mirrored.getvalue(), 320, 180)
