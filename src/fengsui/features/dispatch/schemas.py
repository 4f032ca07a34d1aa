"""Shapes of units and tasks. Names are of those who are on duty in a unit; nothing is told about involved persons."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from fengsui.features.dispatch.model import Status, TaskState, UnitKind

_PLAIN = r"^[^\x00-\x1f\x7f]*$"
_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
AreaCode = Annotated[str, Field(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]
CallSign = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=32, pattern=_PLAIN)]
Member = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=_PLAIN)]
Order = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern=_LINES)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000, pattern=_LINES)]
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=500, pattern=_LINES)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


class PatrolUnitOrder(BaseModel):
    """A unit as it goes on patrol. `area` empty: the node's own; `members`: names of those who are on duty in it."""

    call_sign: CallSign
    kind: UnitKind
    members: Annotated[list[Member], Field(max_length=20)] = []
    area: AreaCode = ""
    status: Literal[Status.AVAILABLE, Status.OUT_OF_SERVICE] = Status.AVAILABLE


class PatrolUnitChange(BaseModel):
    """What is other now; the rest stays. The status of a unit with a task follows from that."""

    call_sign: CallSign | None = None
    kind: UnitKind | None = None
    members: Annotated[list[Member], Field(max_length=20)] | None = None
    status: Literal[Status.AVAILABLE, Status.OUT_OF_SERVICE] | None = None


class PatrolUnitPlace(BaseModel):
    """Where it is, in CGCS2000, and since when: else now. The last one alone is kept."""

    longitude: Longitude
    latitude: Latitude
    at: AwareDatetime | None = None


class PatrolUnitShape(BaseModel):
    """A unit. `task`: what it works on; null: nothing."""

    id: int
    call_sign: str
    kind: UnitKind
    members: list[str]
    area: str
    area_name: str
    status: Status
    longitude: float | None
    latitude: float | None
    position_at: datetime | None
    task: int | None


class PatrolUnitList(BaseModel):
    """By call sign."""

    items: list[PatrolUnitShape]


class ReasonShape(BaseModel):
    """Why a unit stands where it stands."""

    code: str
    zh: str
    en: str


class ProposalShape(BaseModel):
    """A unit that could go. `distance_m`: in a straight line; `time_s`: at the pace of its kind."""

    unit: PatrolUnitShape
    fits: bool
    distance_m: float | None
    time_s: float | None
    reasons: list[ReasonShape]


class ProposalList(BaseModel):
    """The best first. Nobody is sent by asking."""

    items: list[ProposalShape]


class TaskOrder(BaseModel):
    """Who is sent to do what. `need_feedback`: it ends with words about what was found."""

    unit: Annotated[int, Field(ge=1, le=2**31 - 1)]
    order: Order
    need_feedback: bool = False


class TaskWords(BaseModel):
    """What the unit said."""

    text: Words = ""


class TaskReason(BaseModel):
    """Why it does not go on."""

    reason: Why


class TaskShape(BaseModel):
    """What a unit is sent to do. `times`: when each state was reached; `due_at`: when the running timer ends; `overdue`: it has."""

    id: int
    incident: int
    unit: int
    call_sign: str
    order: str
    need_feedback: bool
    state: TaskState
    times: dict[TaskState, datetime]
    due_at: datetime | None
    overdue: bool
    sent_by: str
    reason: str
    feedback: str


class TaskList(BaseModel):
    """The oldest first."""

    items: list[TaskShape]
