"""Notices that a picture has shifted: somebody, or the camera itself, turned a camera whose masks belong to one position.

Two profiles of a picture (mean brightness by column and by row) move with it when the camera turns. They are compared with those of
the picture at which the masks were laid on. Cheap enough for every picture, and a false alarm only hides more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

COLUMNS, ROWS, SAMPLES = 64, 36, 24
REACH = 6
"""Steps of 1/64 of the width (1/36 of the height) that are looked at to either side."""
BETTER = 0.45
"""A shifted profile must fit this much better than the unshifted one: a passing lorry does not."""
FAR = 1.1
"""Beyond this misfit it is another scene altogether; 2 is what two unrelated pictures have."""
DAYLIGHT = 2048
"""Pictures in which the profile to compare with follows slow change: far slower than any camera turns."""
FLAT = 2.0
"""Levels of brightness: a profile with less variation tells nothing."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Mean brightness by column and by row, less the mean, in levels."""

    columns: tuple[float, ...]
    rows: tuple[float, ...]


def profile_of(luma: bytes | bytearray, width: int, height: int) -> Profile:
    """From a plane without padding."""
    across, down = max(1, width // SAMPLES), max(1, height // SAMPLES)
    columns = [luma[at :: width * down] for at in _steps(width, COLUMNS)]
    rows = [luma[at * width : (at + 1) * width : across] for at in _steps(height, ROWS)]
    return Profile(_centred(columns), _centred(rows))


def _steps(length: int, count: int) -> list[int]:
    return [length * (2 * index + 1) // (2 * count) for index in range(count)]


def _centred(lines: Sequence[bytes | bytearray]) -> tuple[float, ...]:
    means = [sum(line) / len(line) for line in lines]
    mean = sum(means) / len(means)
    return tuple(one - mean for one in means)


def _misfit(one: Sequence[float], other: Sequence[float], shift: int) -> float:
    """Mean squared difference of the parts that overlap, by the mean of their variances: 0 the same, 2 unrelated."""
    left, right = (one[shift:], other[: len(other) - shift]) if shift >= 0 else (one[:shift], other[-shift:])
    different = sum((a - b) ** 2 for a, b in zip(left, right, strict=True))
    energy = (sum(a * a for a in left) + sum(b * b for b in right)) / 2
    return different / energy if energy > FLAT**2 * len(left) else 0.0


def _moved(anchor: Sequence[float], now: Sequence[float]) -> bool:
    still = _misfit(anchor, now, 0)
    if still > FAR:
        return True
    best = min(_misfit(anchor, now, shift) for shift in range(-REACH, REACH + 1) if shift)
    return still > 0.05 and best < still * BETTER


class PositionGuard:
    """Says when the picture is no longer the one that the masks were made for; once moved it stays so until `begin`."""

    def __init__(self) -> None:
        self._anchor: Profile | None = None
        self.moved = False

    def begin(self) -> None:
        """The next picture is the one to compare with."""
        self._anchor, self.moved = None, False

    def look(self, luma: bytes | bytearray, width: int, height: int) -> bool:
        """Whether this picture, or one before it, has shifted."""
        if self.moved:
            return True
        now = profile_of(luma, width, height)
        if self._anchor is None:
            self._anchor = now
        elif _moved(self._anchor.columns, now.columns) or _moved(self._anchor.rows, now.rows):
            self.moved = True
        else:  # daylight changes slowly
            self._anchor = Profile(_towards(self._anchor.columns, now.columns), _towards(self._anchor.rows, now.rows))
        return self.moved


def _towards(anchor: Sequence[float], now: Sequence[float]) -> tuple[float, ...]:
    return tuple(a + (b - a) / DAYLIGHT for a, b in zip(anchor, now, strict=True))
