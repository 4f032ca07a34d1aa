"""Tries that prove nobody: the first is recorded at once, repetitions within a minute as one record with their number. Pure.

So that nobody without a right can fill the disk, which would stop the node, or bury what matters under thousands of lines.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from fengsui.features.audit.model import Act, Result

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


class Folding:
    """Times: seconds of the monotonic clock."""

    def __init__(self) -> None:
        self._counts: dict[Try, tuple[float, int]] = {}
        self._of_address: Counter[str] = Counter()

    def take(self, one: Try, now_s: float) -> Try | None:
        """What is to be recorded at once; None when it is counted instead."""
        if one not in self._counts:
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

    def __len__(self) -> int:
        return len(self._counts)

    def _drop(self, one: Try) -> int:
        _, count = self._counts.pop(one)
        self._of_address[one.address] -= 1
        if self._of_address[one.address] <= 0:
            del self._of_address[one.address]
        return count
