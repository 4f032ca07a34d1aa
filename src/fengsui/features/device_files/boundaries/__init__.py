"""Outlines of counties, roughly: where a point lies by them. Pure.

`counties.json`: code → rings; a ring is differences of thousandths of a degree, x and y by turns. Where the outlines come
from and in which datum they are is not known (NOTICE): within `DOUBT` of a border nothing certain is said.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from functools import cached_property
from itertools import pairwise
from math import cos, hypot, radians
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).parent / "counties.json"
UNIT: Final = 1000
DOUBT: Final = 0.02
"""Degrees of latitude, about 2 km: the datums differ by up to 0.7 km, the outlines are simplified to 0.1 km."""
EDGE: Final = 0.006
"""So near the border inside, another county may be meant."""

Point = tuple[float, float]


class Lies(Enum):
    """Where a point is, as far as the outline tells."""

    INSIDE = "inside"
    NEAR_BORDER = "near"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"
    """No outline of this county."""


class Boundaries:
    """Read when it is first asked."""

    @cached_property
    def _rings(self) -> Mapping[str, Sequence[Sequence[Point]]]:
        stored: dict[str, list[list[int]]] = json.loads(FILE.read_text(encoding="utf-8"))
        return {code: [list(_points(flat)) for flat in rings] for code, rings in stored.items()}

    def counties(self) -> set[str]:
        """Those with an outline."""
        return set(self._rings)

    def place(self, county: str, lon: float, lat: float) -> Lies:
        """Where the point lies of the county (6 digits). Degrees."""
        rings = self._rings.get(county)
        if rings is None:
            return Lies.UNKNOWN
        inside = sum(_is_inside(ring, lon, lat) for ring in rings) % 2 == 1
        away = min(_distance(ring, lon, lat) for ring in rings)
        if inside:
            return Lies.NEAR_BORDER if away < EDGE else Lies.INSIDE
        return Lies.OUTSIDE if away > DOUBT else Lies.NEAR_BORDER


def _points(flat: Sequence[int]) -> Iterator[Point]:
    x = y = 0
    for dx, dy in zip(flat[::2], flat[1::2], strict=True):
        x, y = x + dx, y + dy
        yield x / UNIT, y / UNIT
    yield flat[0] / UNIT, flat[1] / UNIT


def _is_inside(ring: Sequence[Point], x: float, y: float) -> bool:
    inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def _distance(ring: Sequence[Point], x: float, y: float) -> float:
    """Degrees of latitude to the nearest edge."""
    narrow, nearest = cos(radians(y)), float("inf")
    for (x1, y1), (x2, y2) in pairwise(ring):
        ax, ay, dx, dy = (x1 - x) * narrow, y1 - y, (x2 - x1) * narrow, y2 - y1
        length = dx * dx + dy * dy
        along = max(0.0, min(1.0, -(ax * dx + ay * dy) / length)) if length else 0.0
        nearest = min(nearest, hypot(ax + along * dx, ay + along * dy))
    return nearest
