"""Units, their tasks as a table, timers, and which unit is nearest and fit. Pure. Times: seconds since 1970.

Source: the states and log entries of 派警单 in 110 systems; NENA/APCO unit states.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt
from typing import Final, NamedTuple

from fengsui.features.dispatch.errors import FeedbackNeeded, NotWorkedOn, StepKeyReused, StepOutOfTurn, UnitBusy
from fengsui.features.incidents import IncidentKind, IncidentState


class UnitKind(StrEnum):
    """How it goes, and what it can do: a closed list."""

    FOOT = "foot"
    BICYCLE = "bicycle"
    CAR = "car"
    FIRE = "fire"
    MEDICAL = "medical"
    TECHNICAL = "technical"
    VIDEO = "video"


class Status(StrEnum):
    """What a unit does now; all but the last follow from its task."""

    AVAILABLE = "available"
    DISPATCHED = "dispatched"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    OUT_OF_SERVICE = "out_of_service"


class TaskState(StrEnum):
    """Where a task stands."""

    SENT = "sent"
    ACCEPTED = "accepted"
    ON_THE_WAY = "on_the_way"
    ARRIVED = "arrived"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class TaskStep(StrEnum):
    """What moves it on."""

    ACCEPT = "accept"
    SET_OFF = "on-the-way"
    ARRIVE = "arrive"
    FINISH = "done"
    REFUSE = "refuse"
    CANCEL = "cancel"


S, T = TaskState, TaskStep
STATE_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    S.SENT: ("已派出", "sent"),
    S.ACCEPTED: ("已接受", "accepted"),
    S.ON_THE_WAY: ("在途中", "on its way"),
    S.ARRIVED: ("已到达", "at the place"),
    S.DONE: ("已办结", "done"),
    S.REFUSED: ("已退回", "given back"),
    S.CANCELLED: ("已取消", "called off"),
}
NEXT: Final[Mapping[tuple[TaskState, TaskStep], TaskState]] = {
    (S.SENT, T.ACCEPT): S.ACCEPTED,
    **{(one, T.SET_OFF): S.ON_THE_WAY for one in (S.SENT, S.ACCEPTED)},  # whoever drives off has accepted
    **{(one, T.ARRIVE): S.ARRIVED for one in (S.ACCEPTED, S.ON_THE_WAY)},
    (S.ARRIVED, T.FINISH): S.DONE,
    **{(one, T.REFUSE): S.REFUSED for one in (S.SENT, S.ACCEPTED)},
    **{(one, T.CANCEL): S.CANCELLED for one in (S.SENT, S.ACCEPTED, S.ON_THE_WAY, S.ARRIVED)},
}
"""Anything else raises StepOutOfTurn."""
STATUS: Final[Mapping[TaskState, Status]] = {
    S.SENT: Status.DISPATCHED,
    S.ACCEPTED: Status.DISPATCHED,
    S.ON_THE_WAY: Status.EN_ROUTE,
    S.ARRIVED: Status.ON_SCENE,
}
"""Of a unit that has such a task; with others it is free."""
REACHED: Final[Mapping[TaskState, IncidentState]] = {
    S.SENT: IncidentState.DISPATCHED,
    S.ACCEPTED: IncidentState.DISPATCHED,
    S.ON_THE_WAY: IncidentState.EN_ROUTE,
    S.ARRIVED: IncidentState.ON_SCENE,
    S.DONE: IncidentState.ON_SCENE,
}
_ORDER: Final = (IncidentState.DISPATCHED, IncidentState.EN_ROUTE, IncidentState.ON_SCENE)
LIMITS_S: Final[Mapping[int, tuple[float, float, float, float]]] = {
    1: (60.0, 60.0, 300.0, 600.0),
    2: (180.0, 180.0, 600.0, 1_800.0),
    3: (600.0, 600.0, 1_800.0, 3_600.0),
}
"""By priority: accepted, set off, arrived, told what was found; each counted from the step before, arrival from the sending.
Source: local 110 rules (arrival in town 5 min), 9.3 of the alarm fact sheet."""


class Locator(NamedTuple):
    """By what a unit's place is known: a device (`code` is its own), or one of its cameras."""

    device: str
    code: str


@dataclass(frozen=True, slots=True)
class Unit:
    """`members`: names of those who are on duty in it. The last position alone is kept: where a unit was before is nobody's."""

    id: int
    call_sign: str
    kind: UnitKind
    members: tuple[str, ...]
    area: str
    status: Status
    longitude: float | None
    latitude: float | None
    position_at: float
    task: int = 0
    version: int = 1
    locator: Locator | None = None
    """None: where it is, people and phones tell."""

    @property
    def is_on_duty(self) -> bool:
        """Whatever it is doing."""
        return self.status is not Status.OUT_OF_SERVICE


@dataclass(frozen=True, slots=True)
class Task:
    """What a unit is sent to do. `stamps`: when each state was reached; none is written over."""

    id: int
    incident: int
    unit: int
    order: str
    need_feedback: bool
    priority: int
    state: TaskState
    stamps: Mapping[str, float]
    sent_by: str
    reason: str = ""
    feedback: str = ""
    overdue: str = ""
    """The state in which its time ran out; told once."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Which step was asked for under which key: sent again, it is the same step."""

    @property
    def is_running(self) -> bool:
        """The unit works on it."""
        return self.state in STATUS

    @property
    def due_at(self) -> float | None:
        """When the running timer ends; None: none runs."""
        limits = LIMITS_S.get(self.priority)
        if limits is None:
            return None
        accepted_s, set_off_s, arrived_s, told_s = limits
        if self.state is S.SENT:
            return self.stamps[S.SENT] + accepted_s
        if self.state is S.ACCEPTED:
            return self.stamps[S.ACCEPTED] + set_off_s
        if self.state is S.ON_THE_WAY:
            return self.stamps[S.SENT] + arrived_s
        return self.stamps[S.ARRIVED] + told_s if self.state is S.ARRIVED and self.need_feedback else None

    def is_late(self, now: float) -> bool:
        """Its time has run out, and nobody was told yet."""
        due = self.due_at
        return due is not None and now >= due and self.overdue != self.state


def sent(unit: Unit, incident: int, order: str, priority: int, by: str, at: float, *, need_feedback: bool) -> Task:
    """A new one, to a unit that is free. Raises UnitBusy."""
    if unit.status is not Status.AVAILABLE:
        raise UnitBusy(unit=unit.call_sign)
    return Task(0, incident, unit.id, order, need_feedback, priority, S.SENT, {S.SENT.value: at}, by)


def out_of_turn(task: Task) -> StepOutOfTurn:
    """The refusal, in words for whoever is told."""
    zh, en = STATE_TEXTS[task.state]
    return StepOutOfTurn(state=task.state.value, state_zh=zh, state_en=en)


def stepped(task: Task, step: TaskStep, text: str, at: float) -> Task:
    """Raises StepOutOfTurn, FeedbackNeeded."""
    after = NEXT.get((task.state, step))
    if after is None:
        raise out_of_turn(task)
    if step is T.FINISH and task.need_feedback and not text:
        raise FeedbackNeeded()
    feedback = text if step is T.FINISH else task.feedback
    reason = text if step in (T.REFUSE, T.CANCEL) else task.reason
    return replace(task, state=after, stamps={after.value: at, **task.stamps}, feedback=feedback, reason=reason)


def repeats(task: Task, step: TaskStep, key: str | None) -> bool:
    """Whether this is a step that was done, sent again. Raises StepKeyReused."""
    before = None if key is None else task.keys.get(key)
    if before is not None and before != step:
        raise StepKeyReused()
    return before is not None


PHOTO: Final = "photo "
"""Before the name of a photo, among the keys of a task."""
GONE: Final = "gone "
"""Before that of one that was kept as long as it may be."""


def photos_of(task: Task) -> list[str]:
    """Their names, in the order in which they came."""
    return [one.removeprefix(PHOTO) for one in task.keys.values() if one.startswith(PHOTO)]


def photos_gone(task: Task) -> list[str]:
    """Names of those that were kept as long as they may be."""
    return [one.removeprefix(GONE) for one in task.keys.values() if one.startswith(GONE)]


def without_photos(task: Task) -> Task:
    """Their keys stay: a phone that sends one again is answered, and nothing is kept."""
    gone = {key: GONE + one.removeprefix(PHOTO) for key, one in task.keys.items() if one.startswith(PHOTO)}
    return replace(task, keys={**task.keys, **gone})


def photo_known(task: Task, key: str | None) -> bool:
    """Whether it is, or was, there under this key. Raises StepKeyReused."""
    before = None if key is None else task.keys.get(key)
    if before is not None and not before.startswith((PHOTO, GONE)):
        raise StepKeyReused()
    return before is not None


def after_task(unit: Unit, task: Task) -> Unit:
    """The unit as its task leaves it."""
    status = STATUS.get(task.state, Status.AVAILABLE)
    return replace(unit, status=status, task=task.id if task.is_running else 0, version=unit.version + 1)


def farthest(tasks: Iterable[Task]) -> tuple[IncidentState | None, int]:
    """What the units of an incident have reached, and how many work on it. Those that refused or were called off do not count."""
    found = [one for one in tasks if one.state in REACHED]
    reached = max((REACHED[one.state] for one in found), key=_ORDER.index, default=None)
    return reached, sum(one.is_running for one in found)


def put_in_service(unit: Unit, status: Status) -> Unit:
    """By hand: free, or out of service. Raises NotWorkedOn: a task says what it does."""
    if unit.task or status not in (Status.AVAILABLE, Status.OUT_OF_SERVICE):
        raise NotWorkedOn(unit=unit.call_sign)
    return replace(unit, status=status, version=unit.version + 1)


# Which unit

SPEED_M_S: Final[Mapping[UnitKind, float]] = {
    UnitKind.FOOT: 1.4,
    UnitKind.BICYCLE: 4.0,
    UnitKind.CAR: 8.0,
    UnitKind.FIRE: 8.0,
    UnitKind.MEDICAL: 8.0,
    UnitKind.TECHNICAL: 7.0,
}
"""In town, by the straight line; a video patrol goes nowhere."""
FIT: Final[Mapping[IncidentKind, tuple[UnitKind, ...]]] = {
    IncidentKind.FIRE: (UnitKind.FIRE,),
    IncidentKind.RESCUE: (UnitKind.FIRE, UnitKind.MEDICAL, UnitKind.CAR),
    IncidentKind.MEDICAL: (UnitKind.MEDICAL,),
    IncidentKind.TECHNICAL: (UnitKind.TECHNICAL,),
    IncidentKind.FACILITY: (UnitKind.TECHNICAL,),
    IncidentKind.TRAFFIC: (UnitKind.CAR,),
}
_PATROLS: Final = (UnitKind.CAR, UnitKind.BICYCLE, UnitKind.FOOT)
"""Fit for whatever else happens."""
STALE_S: Final = 300.0
MOST_PROPOSED: Final = 20


class Reason(NamedTuple):
    """Why a unit stands where it stands in the list, in both languages."""

    code: str
    zh: str
    en: str


FITS: Final = Reason("fits", "适合此类警情", "fit for this kind")
UNFIT: Final = Reason("unfit", "非此类专业力量", "of another kind")


@dataclass(frozen=True, slots=True)
class Proposal:
    """`distance_m`, `time_s`: None without both places."""

    unit: Unit
    fits: bool
    distance_m: float | None
    time_s: float | None
    reasons: tuple[Reason, ...]


def distance_m(one: tuple[float, float], two: tuple[float, float]) -> float:
    """Along the great circle, between (longitude, latitude) in degrees."""
    (x1, y1), (x2, y2) = (tuple(radians(at) for at in place) for place in (one, two))
    half = sin((y2 - y1) / 2) ** 2 + cos(y1) * cos(y2) * sin((x2 - x1) / 2) ** 2
    return 2 * 6_371_000.0 * asin(sqrt(min(1.0, half)))


def proposals(
    units: Iterable[Unit], kind: IncidentKind, area: str, place: tuple[float, float] | None, now: float
) -> list[Proposal]:
    """Free units that can go there: those that are fit first, then by time, those without a fresh position last. Sends nobody."""
    found = [_proposal(one, kind, area, place, now) for one in units if one.status is Status.AVAILABLE and one.kind in SPEED_M_S]
    return sorted(found, key=_rank)[:MOST_PROPOSED]


def _rank(one: Proposal) -> tuple[bool, bool, bool, float, str]:
    codes = {reason.code for reason in one.reasons}
    near = one.time_s if one.time_s is not None else float("inf")
    return not one.fits, "old-position" in codes, "other-area" in codes and one.time_s is None, near, one.unit.call_sign


def _proposal(unit: Unit, kind: IncidentKind, area: str, place: tuple[float, float] | None, now: float) -> Proposal:
    fits = unit.kind in FIT.get(kind, _PATROLS)
    reasons = [
        Reason("fits", "适合此类警情", "fit for this kind") if fits else Reason("unfit", "非此类专业力量", "of another kind")
    ]
    way_m = time_s = None
    if place is None:
        reasons.append(Reason("no-place", "警情无坐标", "the incident has no position"))
    elif unit.longitude is None or unit.latitude is None:
        reasons.append(Reason("no-position", "力量无定位", "the unit has no position"))
    else:
        way_m = distance_m((unit.longitude, unit.latitude), place)
        time_s = way_m / SPEED_M_S[unit.kind]
        minutes = max(1.0, time_s / 60)
        reasons.append(Reason("distance", f"直线 {way_m:.0f} 米", f"{way_m:.0f} m in a straight line"))
        reasons.append(Reason("time", f"约 {minutes:.0f} 分钟", f"about {minutes:.0f} min"))
        if (old_s := now - unit.position_at) > STALE_S:
            reasons.append(Reason("old-position", f"定位在 {old_s / 60:.0f} 分钟前", f"position of {old_s / 60:.0f} min ago"))
    same = unit.area.startswith(area) or area.startswith(unit.area)
    reasons.append(Reason("area", "辖区内", "of this area") if same else Reason("other-area", "邻区力量", "of another area"))
    return Proposal(unit, fits, way_m, time_s, tuple(reasons))
