"""Plans of video patrols, their rounds and stops. Pure. Appraisal sheet 5.4 (patrol round) and M25; times: seconds since 1970."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final, NamedTuple

MOST_STOPS, MOST_TIMES, MOST_PLANS = 60, 48, 200
LEAST_WATCH_S, MOST_WATCH_S = 3, 600
MOST_LOOK_FOR = 500
LEAST_TOLERANCE_S, MOST_TOLERANCE_S = 300, 4 * 3600
LEFT_ALONE_S: Final = 2 * 3600.0
"""An unfinished round on which nobody has gone on for so long behind its time is broken off by the node."""
LOOK_BACK_S: Final = 31 * 86_400.0
"""A node that was away for longer does not count further back what was missed."""
CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Stop(NamedTuple):
    """A camera to look at. `watch_s`: so long at least; `preset`: where it is turned first, 0: as it stands."""

    camera: str
    look_for: str
    watch_s: int
    preset: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of a plan. `times`: of the node's day, `HH:MM`; `weekdays`: 1 is Monday; without times it is begun by hand."""

    id: int
    version: int
    centre: int
    name: str
    stops: tuple[Stop, ...]
    times: tuple[str, ...]
    weekdays: tuple[int, ...]
    tolerance_s: int
    """So long after its time a round may be done."""
    set_by: int
    set_by_name: str
    set_at: float
    ended: bool = False
    """The last version of a plan that was given up."""

    @property
    def mark(self) -> str:
        """As audit records name it."""
        return f"VP{self.id}-{self.version}"

    @property
    def watch_s(self) -> int:
        """The least time that a whole round takes."""
        return sum(one.watch_s for one in self.stops)

    def dues(self, since: float, until: float, zone: tzinfo) -> list[float]:
        """When rounds are due behind `since` and no later than `until`, in order."""
        if not self.times or until <= since:
            return []
        day, last = (datetime.fromtimestamp(at, zone).date() for at in (since, until))
        found = []
        while day <= last:
            if day.isoweekday() in self.weekdays:
                moments = (datetime.combine(day, time.fromisoformat(one), zone).timestamp() for one in self.times)
                found += [one for one in moments if since < one <= until]
            day += timedelta(days=1)
        return sorted(found)


class RoundState(StrEnum):
    """Where a round is."""

    PLANNED = "planned"
    """It is due, and nobody has begun."""
    UNDER_WAY = "under-way"
    DONE = "done"
    BROKEN_OFF = "broken-off"
    MISSED = "missed"


OPEN: Final = (RoundState.PLANNED, RoundState.UNDER_WAY)
NEXT_STATES: Final[Mapping[RoundState, frozenset[RoundState]]] = {
    RoundState.PLANNED: frozenset((RoundState.UNDER_WAY, RoundState.MISSED)),
    RoundState.UNDER_WAY: frozenset((RoundState.UNDER_WAY, RoundState.DONE, RoundState.BROKEN_OFF)),
}
"""From one person's hands into another's a round stays under way; anything else is a round that is over."""


@dataclass(frozen=True, slots=True)
class Round:
    """One going round. `user_id`, `name`, `shift`: who does it, or did it last."""

    id: int
    plan: int
    version: int
    centre: int
    due_from: float
    due_until: float
    by_hand: bool
    state: RoundState = RoundState.PLANNED
    user_id: int = 0
    name: str = ""
    shift: int = 0
    started_at: float = 0.0
    touched_at: float = 0.0
    """When somebody last did something in it."""
    ended_at: float = 0.0
    reason: str = ""
    """Why it was broken off."""
    entry: int = 0
    """The entry of the shift's log that tells of its end."""
    noted_by: str = ""
    """The supervisor who has taken note that it was missed, or broken off."""
    noted_at: float = 0.0

    @property
    def mark(self) -> str:
        """As audit records name it."""
        return f"VP{self.plan}-{self.version}/{self.id}"

    @property
    def in_time(self) -> bool:
        """Done within the time that the plan leaves for it."""
        return self.state is RoundState.DONE and self.ended_at <= self.due_until

    @property
    def left_alone(self) -> float:
        """When the node gives it up, as nobody goes on."""
        return max(self.due_until, self.touched_at) + LEFT_ALONE_S


class Outcome(StrEnum):
    """What a stop ended in."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    FINDING = "finding"
    NOT_POSSIBLE = "not-possible"


class FindingKind(StrEnum):
    """What a finding is about: places and things, and what happens; never who somebody is (R3, R4)."""

    DANGER = "danger"
    FIRE = "fire"
    WATER = "water"
    ROAD = "road"
    CROWDING = "crowding"
    FACILITY = "facility"
    PICTURE = "picture"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class StopResult:
    """What was seen at one stop. `stop`: its place in the plan, from 1."""

    stop: int
    camera: str
    opened_at: float = 0.0
    watched_s: float = 0.0
    """Seconds with the picture playing: what the player says and the node delivered, whichever is less."""
    outcome: Outcome = Outcome.OPEN
    kind: str = ""
    text: str = ""
    node_state: str = ""
    """What the node itself knew of the stream as it was found not possible."""
    snapshot: str = ""
    """SHA-256 of the picture kept with a finding."""
    entry: int = 0
    """The entry of the shift's log."""
    user_id: int = 0
    name: str = ""
    at: float = 0.0


def next_stop(results: Sequence[StopResult]) -> int:
    """The first that has no outcome, from 1; 0: all have one."""
    return next((one.stop for one in results if one.outcome is Outcome.OPEN), 0)


class Sitting:
    """One live session at one stop: how long its picture was looked at. Monotonic seconds in, seconds out; it never goes back."""

    def __init__(self, session: str, before_s: float, now_s: float) -> None:
        self.session = session
        self._before_s = before_s
        """Watched at this stop in sittings before."""
        self._since_s = now_s
        self._own_s = 0.0

    def watched_s(self, played_s: float, delivered_s: float, now_s: float) -> float:
        """Of the stop in all. `played_s`: by the player, `delivered_s`: by the node; both since the stop was opened."""
        self._own_s = max(self._own_s, min(played_s, delivered_s, now_s - self._since_s))
        return self._before_s + self._own_s
