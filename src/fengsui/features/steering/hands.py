"""In which order a hand meant its orders: what it meant before it let go is not sent afterwards, whichever request came first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Of an order in its line: `number` counts up with each order of one `line`; without a line, orders count as they come."""

    line: str = ""
    number: int = 0


UNNUMBERED = Place()


class Hands:
    """What was asked of each camera last. Requests of one page go by several connections and may overtake each other."""

    def __init__(self) -> None:
        self._newest: dict[str, Place] = {}
        self._halts: Counter[str] = Counter()

    def is_late(self, camera: str, place: Place) -> bool:
        """Whether a newer order of the same line has come already; if not, this is the newest."""
        newest = self._newest.get(camera, UNNUMBERED)
        if place.line and place.line == newest.line and place.number < newest.number:
            return True
        if place.line:
            self._newest[camera] = place
        return False

    def halted(self, camera: str) -> None:
        """Somebody let go, or pressed stop."""
        self._halts[camera] += 1

    def unless_halted(self, camera: str) -> Callable[[], bool]:
        """Whether nobody has said stop since now."""
        before = self._halts[camera]
        return lambda: self._halts[camera] == before
