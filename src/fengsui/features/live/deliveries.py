"""How long a picture was delivered to a session: seconds in which a reader held it and its source brought new frames. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fengsui.media import Event, EventKind

LONGEST_STEP_S = 3.0
"""Of one look to the next: a node that paused for longer knows nothing of the time between."""


@dataclass(slots=True)
class _Followed:
    frames: int = -1
    looked_s: float = 0.0
    delivered_s: float = 0.0


class Deliveries:
    """Readers are counted of every session, by the engine's events; time, of those that somebody follows."""

    def __init__(self) -> None:
        self._readers: Counter[str] = Counter()
        self._followed: dict[str, _Followed] = {}

    def take(self, event: Event) -> None:
        """A reader came, or left."""
        if event.kind is EventKind.READER_JOINED:
            self._readers[event.session] += 1
        elif event.kind is EventKind.READER_LEFT:
            self._readers[event.session] -= 1
            if self._readers[event.session] <= 0:
                del self._readers[event.session]

    def follow(self, session: str, now_s: float) -> None:
        """From now on; one that is followed already goes on."""
        self._followed.setdefault(session, _Followed(looked_s=now_s))

    def delivered_s(self, session: str) -> float:
        """Since it is followed."""
        found = self._followed.get(session)
        return 0.0 if found is None else found.delivered_s

    def look(self, sessions: Mapping[str, object], frames_of: Callable[[str], int | None], now_s: float) -> None:
        """Counts the time since the last look. `sessions`: those that run; `frames_of`: of a session's source, None without one."""
        for session in list(self._followed):
            if session not in sessions:
                del self._followed[session]
                continue
            one, frames = self._followed[session], frames_of(session)
            if frames is not None and self._readers[session] > 0 and one.frames not in (-1, frames):
                one.delivered_s += min(now_s - one.looked_s, LONGEST_STEP_S)
            one.frames, one.looked_s = -1 if frames is None else frames, now_s
