"""Whether a place looks another way than before: the same region of two pictures, compared by structure, not by brightness. Pure.

A region is looked at in blocks. A block has changed when what is in it has another structure (light that comes or goes makes the
same structure stronger or weaker), or another brightness than the picture around it would let expect. Noise, and the blocks of a
poor encoder, are averaged away: a region is a few dozen points wide. It knows nothing of what a block shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import median

ACROSS = 48
"""Points of the region along its longer side."""
BLOCK = 6
"""Points of a block along each side."""
MARGIN = 0.5
"""Of the region, to each side: by what is around it the light is judged."""
NOISE = 5.0
"""Levels: what varies less is noise."""
ALIKE = 0.35
"""Structures that agree less are others: 1 the same, 0 unrelated."""
BRIGHTER = 0.25
"""Logarithm: a block that is a quarter brighter or darker than what is around it lets expect."""
DARK = 16.0
"""Levels added before brightness is compared: in the dark a level more is nothing."""
CHANGED = 0.12
"""Of the region's blocks: from then on the place has changed."""
LEAST_AROUND = 12
"""Blocks around the region; of fewer its own are taken too."""

Point = tuple[float, float]
"""Shares of the picture's width and height, from its upper left corner."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Which part of a picture is looked at. `left`, `top`: in points; `width`, `height`: of the scaled picture."""

    width: int
    height: int
    left: int
    top: int
    columns: int
    rows: int
    """Blocks."""
    inside: tuple[bool, ...]
    """Of each block, by rows: whether its middle is in the region."""


@dataclass(frozen=True, slots=True)
class Block:
    """Points of a block less their mean, their mean, and their variance; outside of the region the mean alone."""

    points: tuple[float, ...]
    mean: float
    variance: float


Patch = tuple[Block, ...]


def frame_for(region: Sequence[Point], width: int, height: int) -> Frame:
    """For a polygon in a picture of this size."""
    xs, ys = [x for x, _ in region], [y for _, y in region]
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    scale = min(1.0, ACROSS / max(1.0, max(wide * width, high * height)))
    across, down = max(BLOCK, round(width * scale)), max(BLOCK, round(height * scale))
    first_x = max(0, int((min(xs) - wide * MARGIN) * across))
    first_y = max(0, int((min(ys) - high * MARGIN) * down))
    last_x = min(across, int((max(xs) + wide * MARGIN) * across) + 1)
    last_y = min(down, int((max(ys) + high * MARGIN) * down) + 1)
    columns, rows = max(1, (last_x - first_x) // BLOCK), max(1, (last_y - first_y) // BLOCK)
    left, top = max(0, min(first_x, across - columns * BLOCK)), max(0, min(first_y, down - rows * BLOCK))
    middles = [
        ((left + (column + 0.5) * BLOCK) / across, (top + (row + 0.5) * BLOCK) / down)
        for row in range(rows)
        for column in range(columns)
    ]
    inside = [within(region, middle) for middle in middles]
    if not any(inside):  # a region that is smaller than a block: the nearest one
        centre = (min(xs) + wide / 2, min(ys) + high / 2)
        nearest = min(range(len(middles)), key=lambda at: sum((a - b) ** 2 for a, b in zip(middles[at], centre, strict=True)))
        inside[nearest] = True
    return Frame(across, down, left, top, columns, rows, tuple(inside))


def within(region: Sequence[Point], point: Point) -> bool:
    """Whether a point is inside a polygon: a ray from it crosses the outline an odd number of times."""
    x, y = point
    found = False
    for (ax, ay), (bx, by) in zip(region, [*region[1:], region[0]], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            found = not found
    return found


def patch_of(luma: bytes | bytearray | memoryview, line: int, frame: Frame) -> Patch:
    """The blocks of a scaled grey picture whose rows are `line` bytes apart."""
    found: list[Block] = []
    for row in range(frame.rows):
        for column in range(frame.columns):
            points: list[int] = []
            for y in range(BLOCK):
                start = (frame.top + row * BLOCK + y) * line + frame.left + column * BLOCK
                points += luma[start : start + BLOCK]
            mean = sum(points) / len(points)
            if not frame.inside[len(found)]:
                found.append(Block((), mean, 0.0))
                continue
            centred = tuple(one - mean for one in points)
            found.append(Block(centred, mean, sum(one * one for one in centred) / len(centred)))
    return tuple(found)


def changed_blocks(frame: Frame, one: Patch, other: Patch) -> set[int]:
    """The blocks of the region that have changed."""
    shifts = [log((b.mean + DARK) / (a.mean + DARK)) for a, b in zip(one, other, strict=True)]
    around = [shift for shift, inside in zip(shifts, frame.inside, strict=True) if not inside]
    light = median(around if len(around) >= LEAST_AROUND else shifts)
    return {
        at
        for at, inside in enumerate(frame.inside)
        if inside and (abs(shifts[at] - light) > BRIGHTER or _likeness(one[at], other[at]) < ALIKE)
    }


def _likeness(one: Block, other: Block) -> float:
    """Of structures: 1 the same, whatever the light; near 1 too where neither has any."""
    together = sum(a * b for a, b in zip(one.points, other.points, strict=True)) / len(one.points)
    flat = 2 * NOISE**2
    return (2 * together + flat) / (one.variance + other.variance + flat)


def has_changed(frame: Frame, one: Patch, other: Patch) -> bool:
    """Whether the region looks another way."""
    return share(frame, one, other) >= CHANGED


def share(frame: Frame, one: Patch, other: Patch) -> float:
    """How much of the region has changed, 0 to 1."""
    return len(changed_blocks(frame, one, other)) / sum(frame.inside)


def is_nearer_first(frame: Frame, between: Patch, first: Patch, second: Patch) -> bool:
    """Whether a picture between two looks like the first, where these differ: what passes elsewhere in the region counts not."""
    where = changed_blocks(frame, first, second) or {at for at, inside in enumerate(frame.inside) if inside}
    to_first = len(changed_blocks(frame, first, between) & where)
    to_second = len(changed_blocks(frame, second, between) & where)
    if to_first != to_second:
        return to_first < to_second
    likeness = sum(_likeness(between[at], first[at]) - _likeness(between[at], second[at]) for at in where)
    return likeness >= 0
