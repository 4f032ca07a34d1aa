"""Where somebody on patrol walks or drives: streets of a chessboard through the demonstration's cameras. No socket, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, hypot, radians
from typing import Final

METRES_A_DEGREE: Final = 111_195.0
WEST, SOUTH, BLOCK_LONGITUDE, BLOCK_LATITUDE = 106.70, 26.57, 0.004, 0.003
"""Degrees: a street north to south each 0.004, east to west each 0.003; the demonstration's single cameras stand at crossings."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Degrees, CGCS2000."""

    longitude: float
    latitude: float


def crossing(column: int, row: int) -> Spot:
    """Of two streets, counted from the south-west corner."""
    return Spot(round(WEST + column * BLOCK_LONGITUDE, 6), round(SOUTH + row * BLOCK_LATITUDE, 6))


BEATS: Final = (
    (crossing(1, 1), crossing(3, 1), crossing(3, 3), crossing(1, 3)),
    (crossing(5, 5), crossing(6, 5), crossing(6, 6), crossing(5, 6)),
)
"""Rounds that begin again at their end: one about the demonstration's alarm points, one by the river."""


def metres_between(one: Spot, two: Spot) -> float:
    """In a town: the ground is flat."""
    east = (two.longitude - one.longitude) * cos(radians((one.latitude + two.latitude) / 2))
    return hypot(east, two.latitude - one.latitude) * METRES_A_DEGREE


def nearest_crossing(spot: Spot) -> Spot:
    """The streets have no end."""
    column = round((spot.longitude - WEST) / BLOCK_LONGITUDE)
    row = round((spot.latitude - SOUTH) / BLOCK_LATITUDE)
    return crossing(column, row)


def way(begin: Spot, end: Spot) -> list[Spot]:
    """Turns and end: to a crossing, east or west, then north or south, and from the last crossing straight to where it is."""
    first, last = nearest_crossing(begin), nearest_crossing(end)
    turns: list[Spot] = []
    for one in (first, Spot(last.longitude, first.latitude), last, end):
        if one != (turns[-1] if turns else begin):
            turns.append(one)
    return turns


class Walk:
    """One who goes round a beat until sent elsewhere, and then from there back to the beat."""

    def __init__(self, beat: tuple[Spot, ...]) -> None:
        self.at = beat[0]
        self._beat = beat
        self._corner = 0
        self._ahead: list[Spot] = []

    @property
    def arrived(self) -> bool:
        """Nothing lies ahead."""
        return not self._ahead

    def head_for(self, end: Spot) -> None:
        """From where one is, along the streets."""
        self._ahead = way(self.at, end)

    def stand(self) -> None:
        """Where one is."""
        self._ahead = []

    def go(self, metres: float) -> None:
        """So far ahead, or to the end."""
        while self._ahead and metres > 0:
            following = self._ahead[0]
            left = metres_between(self.at, following)
            if left > metres:
                share = metres / left
                self.at = Spot(
                    self.at.longitude + (following.longitude - self.at.longitude) * share,
                    self.at.latitude + (following.latitude - self.at.latitude) * share,
                )
                return
            self.at = self._ahead.pop(0)
            metres -= left

    def go_round(self, metres: float) -> None:
        """So far along the beat."""
        if self.arrived:
            self._corner = (self._corner + 1) % len(self._beat)
            self.head_for(self._beat[self._corner])
        self.go(metres)
