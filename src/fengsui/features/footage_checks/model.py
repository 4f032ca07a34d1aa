"""How long footage is kept against how long it must be, and whether it plays. Pure. Source: measures M6 and M7; rules A51, A27."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Kept = Literal["met", "young", "short"]
"""`young`: it has not been planned for as long as it must be kept, or nothing so old was to be recorded: it is not counted."""
Outcome = Literal["played", "damaged", "away", "nothing", "undecoded", "device"]
"""Of a try. `damaged`: its bytes cannot be read; `away`: the second tier does not give them; `nothing`: the index has footage that
the files have not; `undecoded`: no decoder makes pictures of it; `device`: it does not play what it lists."""
FAILURES: Final[tuple[Outcome, ...]] = ("damaged", "away", "nothing", "undecoded", "device")
Figure = Literal["kept", "over", "playable"]


@dataclass(frozen=True, slots=True)
class KeptFacts:
    """A camera's footage on a day. Days by the node's calendar: it must be kept `duty` and may be kept `ceiling`; `kept`: since its
    oldest footage; `planned`: since it was to be recorded without a break. `over`: some is beyond the ceiling, and is not held.
    `lacks`: what is before its oldest footage was due; false of one on event or by schedule of which nothing went early.
    """

    duty: int
    ceiling: int
    kept: int
    planned: int
    over: bool
    lacks: bool = True

    @property
    def state(self) -> Kept:
        """What is there counts, whatever the plan says."""
        if self.kept >= self.duty:
            return "met"
        return "short" if self.planned >= self.duty and self.lacks else "young"


@dataclass(frozen=True, slots=True)
class Try:
    """One camera, one moment (seconds since 1970) of what is recorded of it."""

    camera: str
    at: float
    moment: float
    outcome: Outcome


def moment_in(spans: Sequence[tuple[int, int]], chance: random.Random) -> int | None:
    """A moment of them, each as likely as any other, µs. None: there is no footage."""
    whole = sum(end - start for start, end in spans)
    if whole <= 0:
        return None
    left = chance.randrange(whole)
    for start, end in spans:
        if left < end - start:
            return start + left
        left -= end - start
    return None


def share(part: int, whole: int) -> float | None:
    """Percent, rounded down to a hundredth: 100 is all of them. None: there is nothing to be counted."""
    return None if whole <= 0 else part * 10_000 // whole / 100
