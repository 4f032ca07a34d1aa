"""GCJ-02 to WGS-84: some devices tell the places of a map sold in China and not those that their receiver found. Pure.

Source: the shift as it is published (Krasovsky 1940); the console has the same one for maps (`ui/map/datum.ts`).
"""

from __future__ import annotations

from math import cos, pi, radians, sin, sqrt
from typing import Final

_AXIS_M: Final = 6_378_245.0
_ECCENTRICITY_SQUARED: Final = 0.006_693_421_622_965_943
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
"""Where places are shifted: outside, GCJ-02 is WGS-84."""
_EXACT: Final = 1e-9
"""Degrees: a tenth of a millimetre."""
_MOST_ROUNDS: Final = 12


def _wave(amplitude: float, angle: float) -> float:
    return amplitude * sin(angle * pi)


def _moved_m(x: float, y: float) -> tuple[float, float]:
    """East and north, by distances in degrees from 105 E, 35 N."""
    common = (_wave(20, 6 * x) + _wave(20, 2 * x)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + common
    north += (_wave(20, y) + _wave(40, y / 3) + _wave(160, y / 12) + _wave(320, y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + common
    east += (_wave(20, x) + _wave(40, x / 3) + _wave(150, x / 12) + _wave(300, x / 30)) * 2 / 3
    return east, north


def to_gcj02(longitude: float, latitude: float) -> tuple[float, float]:
    """Degrees of WGS-84, exactly as it is defined."""
    if not (_WEST < longitude < _EAST and _SOUTH < latitude < _NORTH):
        return longitude, latitude
    east_m, north_m = _moved_m(longitude - 105, latitude - 35)
    angle = radians(latitude)
    bend = 1 - _ECCENTRICITY_SQUARED * sin(angle) ** 2
    degrees_north = north_m * 180 / (_AXIS_M * (1 - _ECCENTRICITY_SQUARED) / (bend * sqrt(bend)) * pi)
    degrees_east = east_m * 180 / (_AXIS_M / sqrt(bend) * cos(angle) * pi)
    return longitude + degrees_east, latitude + degrees_north


def from_gcj02(longitude: float, latitude: float) -> tuple[float, float]:
    """There is no formula: it is approached until the way back meets."""
    x, y = longitude, latitude
    for _ in range(_MOST_ROUNDS):
        there_x, there_y = to_gcj02(x, y)
        off_x, off_y = longitude - there_x, latitude - there_y
        x, y = x + off_x, y + off_y
        if abs(off_x) < _EXACT and abs(off_y) < _EXACT:
            break
    return x, y
