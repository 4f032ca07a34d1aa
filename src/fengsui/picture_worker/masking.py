"""Privacy masks painted into decoded pictures. Pure: no clock, no socket, no codec."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

UNITS = 10_000
"""A polygon's corners are told in ten-thousandths of the picture's width and height."""
MARGIN = 2
"""Pixels painted beyond the outline: scaling mixes neighbours before the mask is drawn."""
BLACK, GREY = 16, 128
IDR = 5

Point = tuple[int, int]
Polygon = tuple[Point, ...]
Spans = tuple[tuple[int, int], ...]
"""Of one row: [first, last) columns, in order, none touching another."""


@dataclass(frozen=True, slots=True)
class MaskPlan:
    """What is to be hidden now. `guarded`: the camera can turn, so a picture that shifts is hidden whole (A40)."""

    number: int
    blank: bool
    polygons: tuple[Polygon, ...] = ()
    guarded: bool = False

    def line(self) -> str:
        """One line of JSON, without the line end."""
        shape = {"number": self.number, "blank": self.blank, "polygons": self.polygons, "guarded": self.guarded}
        return json.dumps(shape, separators=(",", ":"))

    @classmethod
    def parse(cls, line: str) -> MaskPlan:
        """The reverse of `line`. Raises ValueError, KeyError, TypeError: the worker then ends, which shows nothing."""
        shape = json.loads(line)
        polygons = tuple(tuple((int(x), int(y)) for x, y in polygon) for polygon in shape["polygons"])
        return cls(int(shape["number"]), bool(shape["blank"]), polygons, bool(shape["guarded"]))


def key_digest(annex_b: bytes) -> str:
    """By which worker and node know an H.264 key frame again, wherever its parameter sets stand; empty for another picture."""
    units = annex_b.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01")
    slices = [unit.rstrip(b"\x00") for unit in units if unit and unit[0] & 0x1F == IDR]
    return hashlib.sha256(b"".join(slices)).hexdigest() if slices else ""


HIDDEN = MaskPlan(0, blank=True)
"""Until a plan has come nothing is shown."""


def spans_of(polygon: Sequence[Point], width: int, height: int) -> dict[int, list[tuple[int, int]]]:
    """Row → columns that the polygon touches, whole pixels and `MARGIN` more.

    A row is a strip one pixel high. What lies inside the polygon at the strip's upper or lower border, and the extent of each
    edge within the strip, together cover whatever of the polygon lies in it.
    """
    corners = [(x * width / UNITS, y * height / UNITS) for x, y in polygon]
    edges = list(pairwise([*corners, corners[0]]))
    touched: dict[int, list[tuple[int, int]]] = {}
    top, bottom = min(y for _, y in corners), max(y for _, y in corners)
    for row in range(max(0, int(top)), min(height, int(bottom) + 1)):
        reach = [_extent(edge, row, row + 1) for edge in edges]
        spans = [*(one for one in reach if one is not None), *_inside(edges, row), *_inside(edges, row + 1)]
        columns = [(max(0, int(first) - MARGIN), min(width, int(last) + 1 + MARGIN)) for first, last in spans]
        for near in range(max(0, row - MARGIN), min(height, row + MARGIN + 1)):
            touched.setdefault(near, []).extend(columns)
    return touched


def _extent(edge: tuple[tuple[float, float], tuple[float, float]], upper: float, lower: float) -> tuple[float, float] | None:
    (x1, y1), (x2, y2) = edge if edge[0][1] <= edge[1][1] else (edge[1], edge[0])
    if y2 < upper or y1 > lower:
        return None
    if y1 == y2:
        return min(x1, x2), max(x1, x2)
    at = [x1 + (x2 - x1) * (min(max(y, y1), y2) - y1) / (y2 - y1) for y in (upper, lower)]
    return min(at), max(at)


def _inside(edges: Sequence[tuple[tuple[float, float], tuple[float, float]]], y: float) -> Iterable[tuple[float, float]]:
    crossings = sorted(x1 + (x2 - x1) * (y - y1) / (y2 - y1) for (x1, y1), (x2, y2) in edges if (y1 <= y) != (y2 <= y))
    return zip(crossings[::2], crossings[1::2], strict=False)


def _joined(spans: Iterable[tuple[int, int]]) -> Spans:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        elif first < last:
            joined.append((first, last))
    return tuple(joined)


@lru_cache(maxsize=8)
def rows_of(polygons: tuple[Polygon, ...], width: int, height: int) -> tuple[tuple[int, Spans], ...]:
    """(row, columns) that any of the polygons touches, in luma samples."""
    rows: dict[int, list[tuple[int, int]]] = {}
    for polygon in polygons:
        for row, spans in spans_of(polygon, width, height).items():
            rows.setdefault(row, []).extend(spans)
    return tuple((row, _joined(spans)) for row, spans in sorted(rows.items()))


Planes = tuple[bytes | bytearray, bytes | bytearray, bytes | bytearray]


def hidden(planes: Planes, width: int, height: int, plan: MaskPlan) -> Planes:
    """The planes of a 4:2:0 picture (Y width × height, U and V half of each, without padding) as the plan lets them be seen."""
    if plan.blank:
        quarter = (width // 2) * (height // 2)
        return bytes([BLACK]) * (width * height), bytes([GREY]) * quarter, bytes([GREY]) * quarter
    if not plan.polygons:
        return planes
    luma, blue, red = (bytearray(plane) for plane in planes)
    half = width // 2
    for row, spans in rows_of(plan.polygons, width, height):
        for first, last in spans:
            luma[row * width + first : row * width + last] = bytes([BLACK]) * (last - first)
            left, right = first // 2, min(half, (last + 1) // 2)
            start = min(row // 2, height // 2 - 1) * half
            grey = bytes([GREY]) * (right - left)
            blue[start + left : start + right] = grey
            red[start + left : start + right] = grey
    return luma, blue, red
