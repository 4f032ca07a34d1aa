"""Many points of one place that lose their power or their line at once have one cause: one alarm stands for them and counts them.

What is more urgent is never counted there: somebody presses a button or breaks in while the power is off as well. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, NamedTuple

from fengsui.features.alarms.host_rows import OF_A_HOST
from fengsui.wire.dc09.codes import Category

MANY, WINDOW_S = 5, 60.0
CODE, TABLE = "SITE", "node"
"""A code of our own."""
PRIORITY: Final = 3
"""Of these faults; those that somebody has made more urgent stand for themselves."""
CATEGORIES: Final = frozenset((Category.POWER.value, Category.COMMUNICATION.value))
TEXT: Final = "同一处所多个点位断电或通信中断 power or line lost at many points of one place"


class Member(NamedTuple):
    """A point that lost something; twice it counts once."""

    host_id: int
    section: str
    number: str


class Place(NamedTuple):
    """Where points have one feed. `account`: of the host by which it is shown; `site`: what it is called."""

    key: str
    account: str
    site: str


def usual_place(row: Mapping[str, Any]) -> Place:
    """A host stands in one."""
    return Place(f"host {row['host_id']}", row["account"], row["site"])


def member_of(row: Mapping[str, Any]) -> Member:
    """Of an alarm as it is stored."""
    return Member(row["host_id"], row["section"], row["number"])


class Causes:
    """`many` points of one place within `window_s`."""

    def __init__(self, many: int, window_s: float) -> None:
        self._many = many
        self._window_s = window_s
        self.place_of: Callable[[Mapping[str, Any]], Place] = usual_place
        """Set at composition: several hosts may stand in one protected place."""
        self._alone: dict[str, dict[Member, tuple[int, float]]] = {}
        """By place: the alarm of each point, and when it came."""

    def of(self, row: Mapping[str, Any]) -> Place | None:
        """None: it stands for itself."""
        if not row["host_id"] or row["priority"] != PRIORITY or row["category"] not in CATEGORIES:
            return None
        where = self.place_of(row)
        return where._replace(key=f"{where.key} in {row['area']}")  # nobody's alarm counts with one that others alone see

    def alone(self, key: str, now: float) -> dict[Member, int]:
        """Alarms of points there that are as new as one of now."""
        return {one: id for one, (id, at) in self._alone.get(key, {}).items() if 0 <= now - at <= self._window_s}

    def is_one(self, points: Collection[Member]) -> bool:
        """Whether so many points are too many for chance."""
        return len(points) >= self._many

    def note(self, key: str, alone: Mapping[Member, int], now: float) -> None:
        """Alarms that are on disk, in place of those of before; none: they count with that of the place."""
        if not alone:
            self._alone.pop(key, None)
            return
        before = {one: was for one, was in self._alone.get(key, {}).items() if one in alone and was[0] == alone[one]}
        self._alone[key] = {one: before.get(one, (id, now)) for one, id in alone.items()}


def parent_of(place: Place, row: Mapping[str, Any]) -> dict[str, Any]:
    """The alarm of a place, as one of its points says."""
    digest = hashlib.sha256(place.key.encode()).hexdigest()
    return {
        **{"host_id": 0, "account": place.account, "site": place.site, "area": row["area"], "section": digest[:16]},
        **{"number": "", "is_user": False, "point_id": None, "point": "", "point_kind": "", "camera": ""},
        **{"code_table": TABLE, "code": CODE, "known": True, "change": "new", "category": row["category"]},
        **{"priority": PRIORITY, "text": TEXT, "sequence": "", "encrypted": False, "held_back": False, "sent_at": None},
        **OF_A_HOST,
        **{"body_key": hashlib.sha256(f"cause {place.key} {row['body_key']}".encode()).hexdigest(), "ordinal": 0},
        **{"first_at": row["first_at"], "last_at": row["first_at"], "repeats": 0},
    }
