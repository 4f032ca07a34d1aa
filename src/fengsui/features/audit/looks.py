"""Looks that a page takes again and again: the first is on disk before its answer, the same again is told as a number. Pure.

So that a page that is left open does not bury what matters under a record each few seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from fengsui.features.audit.model import Entry

LOOK_S = 900.0
MAX_LOOKS = 10_000
"""Beyond them each look is a record of its own."""


@dataclass(slots=True)
class _Known:
    since_s: float
    again: int = 0


class Looks:
    """Two looks are the same when their records would say the same but for the time: person, session, workstation, ticket, camera
    and period. Times: seconds of the monotonic clock.
    """

    def __init__(self) -> None:
        self._known: dict[Entry, _Known] = {}

    def again(self, look: Entry, now_s: float) -> bool:
        """Whether it was answered within `LOOK_S` and is on record: then it is counted."""
        known = self._known.get(_timeless(look))
        if known is None or now_s >= known.since_s + LOOK_S:
            return False
        known.again += 1
        return True

    def answered(self, look: Entry, now_s: float) -> None:
        """It is on record and was answered; one that came to nothing is never told here, for its record is taken back."""
        key = _timeless(look)
        if key not in self._known and len(self._known) >= MAX_LOOKS:
            return
        before = self._known.get(key)
        self._known[key] = _Known(now_s, 0 if before is None else before.again)

    def due(self, now_s: float, at: Callable[[Entry], Entry]) -> list[Entry]:
        """What is to be told of those whose time is over. `at`: the same with the time of its telling."""
        over = [look for look, known in self._known.items() if now_s >= known.since_s + LOOK_S]
        told = [(look, self._known.pop(look).again) for look in over]
        return [at(msgspec.structs.replace(look, detail=_said(look.detail, again))) for look, again in told if again]

    def rest(self, at: Callable[[Entry], Entry]) -> list[Entry]:
        """The same of all."""
        return self.due(float("inf"), at)


def _timeless(look: Entry) -> Entry:
    return msgspec.structs.replace(look, at="", clock_error="")


def _said(detail: str, again: int) -> str:
    return f"{detail}; {again} more times" if detail else f"{again} more times"
