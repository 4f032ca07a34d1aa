"""What an incident is, its states as a table, and what closes it. Pure. Times: seconds since 1970.

An incident is about a place and what happens there. It has no field for who is involved: suspects, victims and callers stay in the
police system. Source: NENA/APCO dispatch practice; the states of 接警单 in 110 systems.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from fengsui.features.incidents.errors import IncidentTaken, NotNow, OtherDeskFirst, UnitsOut, UnusableOutcome
from fengsui.features.incidents.words import STATE_TEXTS, Cause, Disposition, IncidentKind, IncidentState

OVER: Final = frozenset((IncidentState.CLOSED, IncidentState.ARCHIVED, IncidentState.MERGED))
"""Nobody works on it as it is."""
LED_BY_UNITS: Final = frozenset((IncidentState.NEW, IncidentState.TAKEN, IncidentState.VERIFYING, IncidentState.VERIFIED))
"""In these what the units have reached says more than what the desk did."""
REACHED: Final = (IncidentState.DISPATCHED, IncidentState.EN_ROUTE, IncidentState.ON_SCENE)
"""What units reach, the farthest last."""


class Step(StrEnum):
    """What moves an incident on."""

    TAKE = "take"
    VERIFY = "verify"
    CONFIRM = "confirm"
    REFUTE = "refute"
    CONTROL = "control"
    CLOSE = "close"
    REOPEN = "reopen"
    ARCHIVE = "archive"
    MERGE = "merge"
    UNMERGE = "unmerge"


_OPEN: Final = (
    IncidentState.NEW,
    IncidentState.TAKEN,
    IncidentState.VERIFYING,
    IncidentState.VERIFIED,
    IncidentState.FALSE,
    IncidentState.CONTROLLED,
)
"""As desks leave it; what units reach lies over it."""
NEXT: Final[Mapping[tuple[IncidentState, Step], IncidentState]] = {
    (IncidentState.NEW, Step.TAKE): IncidentState.TAKEN,
    **{(one, Step.TAKE): one for one in _OPEN if one is not IncidentState.NEW},  # another person leads it: the state stays
    (IncidentState.TAKEN, Step.VERIFY): IncidentState.VERIFYING,
    (IncidentState.FALSE, Step.VERIFY): IncidentState.VERIFYING,
    **{
        (one, Step.CONFIRM): IncidentState.VERIFIED
        for one in (IncidentState.TAKEN, IncidentState.VERIFYING, IncidentState.FALSE, IncidentState.CONTROLLED)
    },
    **{(one, Step.REFUTE): IncidentState.FALSE for one in (IncidentState.TAKEN, IncidentState.VERIFYING, IncidentState.VERIFIED)},
    **{
        (one, Step.CONTROL): IncidentState.CONTROLLED
        for one in (IncidentState.TAKEN, IncidentState.VERIFYING, IncidentState.VERIFIED)
    },
    **{(one, Step.CLOSE): IncidentState.CLOSED for one in _OPEN if one is not IncidentState.NEW},
    **{(one, Step.MERGE): IncidentState.MERGED for one in _OPEN},
    (IncidentState.CLOSED, Step.REOPEN): IncidentState.TAKEN,
    (IncidentState.CLOSED, Step.ARCHIVE): IncidentState.ARCHIVED,
}
"""By the state that the desk left; `UNMERGE` goes back to the one before. Anything else raises NotNow. There is no step for an
alarm that restores: it closes nothing."""


REFUTED_ENDS: Final = frozenset((Disposition.FALSE_ALARM, Disposition.TEST, Disposition.CANCELLED))
"""How what was found to be false may end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ends: one disposition, others beside it, and the cause of a false alarm. Raises UnusableOutcome."""

    main: Disposition
    also: tuple[Disposition, ...] = ()
    cause: Cause | None = None

    def __post_init__(self) -> None:
        """A cause goes with a false alarm, and a false alarm has one."""
        if self.main in self.also or len(set(self.also)) < len(self.also):
            raise UnusableOutcome(why_zh="同一处置结果写了两次", why_en="one disposition is named twice")
        if (Disposition.FALSE_ALARM in (self.main, *self.also)) != (self.cause is not None):
            raise UnusableOutcome(why_zh="误报须写明原因,且只有误报写原因", why_en="a false alarm alone has a cause")


@dataclass(frozen=True, slots=True)
class Incident:
    """As it stands. `desk`: the state that people left it in; `reached`: the farthest state of its units; `out`: how many units
    work on it; `since`: when it was opened, or opened again. `before`: the desk's state before it was merged into another (`into`).
    """

    id: int
    number: str
    kind: IncidentKind
    area: str
    place: str
    longitude: float | None
    latitude: float | None
    text: str
    priority: int
    opened_by: str
    desk: IncidentState
    stamps: Mapping[str, float]
    """When each state was reached first: none is ever written over."""
    since: float
    last_at: float
    """Of the last line of its time line."""
    version: int = 1
    owner_id: int = 0
    owner: str = ""
    reached: IncidentState | None = None
    out: int = 0
    outcome: Outcome | None = None
    cause: Cause | None = None
    """Why it was found to be false."""
    before: IncidentState | None = None
    into: int = 0

    @property
    def state(self) -> IncidentState:
        """What units have reached counts until the desk says more (NENA/APCO: derived from the most advanced unit)."""
        return self.reached if self.reached is not None and self.desk in LED_BY_UNITS else self.desk

    @property
    def is_open(self) -> bool:
        """Somebody has to work on it."""
        return self.desk not in OVER


@dataclass(frozen=True, slots=True)
class Wanted:
    """As somebody opens it. `alarms`: their ids."""

    kind: IncidentKind
    area: str
    place: str
    longitude: float | None
    latitude: float | None
    text: str
    priority: int
    alarms: tuple[int, ...]

    @property
    def digest(self) -> str:
        """The same for the same order."""
        return hashlib.sha256(json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    def incident(self, user_id: int, name: str, at: float, *, is_program: bool) -> Incident:
        """Led by the person who opens it; what a program opens waits for one."""
        desk = IncidentState.NEW if is_program else IncidentState.TAKEN
        return Incident(
            id=0,
            number="",
            kind=self.kind,
            area=self.area,
            place=self.place,
            longitude=self.longitude,
            latitude=self.latitude,
            text=self.text,
            priority=self.priority,
            opened_by=name,
            desk=desk,
            stamps=stamped({}, at, IncidentState.NEW, desk),
            since=at,
            last_at=at,
            owner_id=0 if is_program else user_id,
            owner="" if is_program else name,
        )


def stamped(stamps: Mapping[str, float], at: float, *states: IncidentState) -> dict[str, float]:
    """With the time of each state that was not reached before; what stands there stays."""
    return {**dict.fromkeys((one.value for one in states), at), **stamps}


def _moved(one: Incident, at: float) -> Incident:
    """With another line."""
    return replace(one, stamps=stamped(one.stamps, at, one.desk, one.state), version=one.version + 1, last_at=at)


def _not_now(one: Incident) -> NotNow:
    zh, en = STATE_TEXTS[one.state]
    return NotNow(state_zh=zh, state_en=en)


def _may(one: Incident, step: Step) -> IncidentState:
    target = NEXT.get((one.desk, step))
    if target is None:
        raise _not_now(one)
    return target


def noted(one: Incident, at: float) -> Incident:
    """A line is written that moves nothing. Raises NotNow: it is archived."""
    if one.desk is IncidentState.ARCHIVED:
        raise _not_now(one)
    return _moved(one, at)


def worked_on(one: Incident, at: float, **facts: Any) -> Incident:
    """Other facts than before, its state the same. Raises NotNow: it is over."""
    if not one.is_open:
        raise _not_now(one)
    return _moved(replace(one, **facts), at)


def moved(one: Incident, step: Step, at: float) -> Incident:
    """After a step that needs nothing else: verify, confirm, control, archive. Raises NotNow."""
    cause = None if step in (Step.CONFIRM, Step.VERIFY) else one.cause
    return _moved(replace(one, desk=_may(one, step), cause=cause), at)


def taken(one: Incident, user_id: int, name: str, reason: str, at: float) -> Incident:
    """Led by this person from now on; from somebody else with a reason. Raises NotNow, IncidentTaken."""
    target = _may(one, Step.TAKE)
    if one.owner_id not in (0, user_id) and not reason:
        raise IncidentTaken(number=one.number, owner=one.owner)
    return _moved(replace(one, desk=target, owner_id=user_id, owner=name), at)


def reopened(one: Incident, user_id: int, name: str, at: float) -> Incident:
    """Begins again, without an outcome and without units. Raises NotNow."""
    target = _may(one, Step.REOPEN)
    anew = replace(one, outcome=None, cause=None, reached=None, since=at, owner_id=user_id, owner=name)
    return _moved(replace(anew, desk=target), at)


def unmerged(one: Incident, at: float) -> Incident:
    """Its own again, as the desk left it. Raises NotNow."""
    if one.desk is not IncidentState.MERGED or one.before is None:
        raise _not_now(one)
    return _moved(replace(one, desk=one.before, before=None, into=0), at)


def refuted(one: Incident, cause: Cause, at: float) -> Incident:
    """Found to be false. Raises NotNow."""
    return _moved(replace(one, desk=_may(one, Step.REFUTE), cause=cause), at)


def closed(one: Incident, outcome: Outcome, at: float) -> Incident:
    """The only way to its end. Raises NotNow, UnitsOut, UnusableOutcome."""
    target = _may(one, Step.CLOSE)
    if one.out:
        raise UnitsOut(count=one.out)
    if one.desk is IncidentState.FALSE and outcome.main not in REFUTED_ENDS:
        raise UnusableOutcome(why_zh="已核实为误报", why_en="it was found to be false")
    return _moved(replace(one, desk=target, outcome=outcome), at)


def merged(one: Incident, into: Incident, at: float) -> Incident:
    """Goes on as a part of another that is open. Raises NotNow, UnitsOut."""
    target = _may(one, Step.MERGE)
    if one.id == into.id or not into.is_open:
        raise _not_now(into)
    if one.out:
        raise UnitsOut(count=one.out)
    return _moved(replace(one, desk=target, before=one.desk, into=into.id), at)


def followed(one: Incident, reached: IncidentState | None, out: int, at: float) -> Incident:
    """After one of its units moved on: the farthest that any has reached, and how many work on it. Raises NotNow."""
    return worked_on(one, at, reached=reached, out=out)


def check_version(one: Incident, seen: int | None) -> None:
    """`seen`: the version that the desk had on its screen; None: it does not say. Raises OtherDeskFirst."""
    if seen is not None and seen != one.version:
        raise OtherDeskFirst(number=one.number)


MOST_SAID: Final = 300
"""Characters of a line's words that stand in the audit log; its digest is of all of them."""


class LineKind(StrEnum):
    """What a line of the time line is about."""

    OPENED = "opened"
    ALARM = "alarm"
    ALARM_REMOVED = "alarm-removed"
    NOTE = "note"
    PICTURE = "picture"
    CHANGED = "changed"
    STATE = "state"
    HANDED_OVER = "handed-over"
    MERGED = "merged"
    UNMERGED = "unmerged"
    CLOSED = "closed"
    REOPENED = "reopened"
    UNIT = "unit"
    OVERDUE = "overdue"
    PROCEDURE = "procedure"
    METHOD = "method"
    WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a time line, written once. `before`, `after`: the incident's state; `text`: words, or the reason."""

    kind: LineKind
    at: float
    user_id: int
    name: str
    before: IncidentState | None
    after: IncidentState
    text: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    """What it names: an alarm, another incident, a camera and a time, a unit."""
    ordinal: int = 0

    @property
    def digest(self) -> str:
        """SHA-256 of what it says, for the record: whoever changes the row is found out."""
        parts = (self.kind, f"{self.at:.3f}", self.user_id, self.before or "", self.after, self.text, dict(self.facts))
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    @property
    def said(self) -> str:
        """For the record."""
        states = self.after.value if self.before in (None, self.after) else f"{self.before} → {self.after}"
        facts = ", ".join(f"{name} {value}" for name, value in self.facts.items())
        return "; ".join(one for one in (self.kind.value, states, facts, self.text[:MOST_SAID], f"sha256 {self.digest}") if one)


QUIET_S: Final[Mapping[int, float]] = {1: 600.0, 2: 900.0, 3: 4 * 3600.0}
"""So long an open incident may go without a line, by priority; others as long as they like."""


def remind_at(one: Incident) -> float | None:
    """When somebody is reminded of it; None: never."""
    quiet = QUIET_S.get(one.priority)
    return None if quiet is None or not one.is_open else one.last_at + quiet


def number_of(day: str, ordinal: int) -> str:
    """`day`: YYYYMMDD of the node's zone; `ordinal`: counted from 1 on that day."""
    return f"IN{day}-{ordinal:04d}"
