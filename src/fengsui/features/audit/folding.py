"""Tries that prove nobody, and what a person is refused: the first is recorded at once, repetitions within a minute as one record
with their number. Pure.

So that nobody without a right can fill the disk, which would stop the node, or bury what matters under thousands of lines.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from fengsui.features.audit.acts import Act
from fengsui.features.audit.model import Result

FOLD_S = 60.0
MAX_FOLDED, MAX_OF_ADDRESS = 10_000, 20
MANY = "*"
"""Stands for the names of an address that tries more of them, and for the addresses of a flood from everywhere."""


class Try(NamedTuple):
    """What is counted together."""

    act: Act
    result: Result
    name: str
    address: str
    target: str
    detail: str
    beside: str = ""
    """What else tells it apart: the operation, and the ticket under which it was refused."""


class Folding:
    """Times: seconds of the monotonic clock. `named`: who tries is known, so that nobody is ever told as one of many."""

    def __init__(self, *, named: bool = False) -> None:
        self._named = named
        self._counts: dict[Try, tuple[float, int]] = {}
        self._of_address: Counter[str] = Counter()

    def take(self, one: Try, now_s: float) -> Try | None:
        """What is to be recorded at once; None when it is counted instead."""
        if self._named and one not in self._counts and len(self._counts) >= MAX_FOLDED:
            return one
        if one not in self._counts and not self._named:
            if self._of_address[one.address] >= MAX_OF_ADDRESS:
                one = one._replace(name=MANY, target=MANY)
            if one not in self._counts and len(self._counts) >= MAX_FOLDED:
                one = one._replace(name=MANY, target=MANY, address=MANY)
        found = self._counts.get(one)
        if found is not None and now_s < found[0] + FOLD_S:
            self._counts[one] = (found[0], found[1] + 1)
            return None
        if found is None:
            self._of_address[one.address] += 1
        self._counts[one] = (now_s, 0)
        return one

    def due(self, now_s: float) -> list[tuple[Try, int]]:
        """Those whose minute is over, with the number of repetitions."""
        over = [one for one, (since_s, _) in self._counts.items() if now_s >= since_s + FOLD_S]
        return [(one, count) for one in over if (count := self._drop(one))]

    def rest(self) -> list[tuple[Try, int]]:
        """Everything that was counted and not told yet."""
        return [(one, count) for one in list(self._counts) if (count := self._drop(one))]

    def __contains__(self, one: Try) -> bool:
        """Whether repetitions of it are counted now."""
        return one in self._counts

    def __len__(self) -> int:
        return len(self._counts)

    def _drop(self, one: Try) -> int:
        _, count = self._counts.pop(one)
        self._of_address[one.address] -= 1
        if self._of_address[one.address] <= 0:
            del self._of_address[one.address]
        return count
