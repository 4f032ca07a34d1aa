"""Catalogues that shrank are asked for once more before they are believed: recorders that have just started list what they have."""

from __future__ import annotations

import structlog
from prometheus_client import Counter

from fengsui.clock import Clock

log = structlog.get_logger(__name__)
DOUBT_S = 60.0
FEWEST = 2
"""Items that are gone; a single one is believed."""
DOUBTED = Counter("fengsui_catalogue_doubted_total", "Catalogues that lacked more than half of what was known , asked for again")


class Doubts:
    """By device: from when on a further shrunken catalogue is believed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until_s: dict[str, float] = {}
        self._to_ask: set[str] = set()

    def arise(self, code: str, known: int, gone: int) -> bool:
        """Whether a catalogue that lacks `gone` of `known` items is not believed yet."""
        now_s = self._clock.monotonic_s()
        if gone < FEWEST or gone * 2 <= known or self._until_s.get(code, now_s + 1) <= now_s:
            self.end(code)
            return False
        if code not in self._until_s:
            DOUBTED.inc()
            self._until_s[code] = now_s + DOUBT_S
        self._to_ask.add(code)
        log.warning("catalogue lacks more than half of what was known, asked again", device=code, gone=gone, known=known)
        return True

    def due(self) -> set[str]:
        """Devices that are to be asked now, each told once."""
        now_s = self._clock.monotonic_s()
        due = {code for code in self._to_ask if self._until_s.get(code, now_s) <= now_s}
        self._to_ask -= due
        return due

    def end(self, code: str) -> None:
        """Believed, or removed."""
        self._until_s.pop(code, None)
        self._to_ask.discard(code)
