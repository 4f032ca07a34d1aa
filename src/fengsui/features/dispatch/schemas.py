"""Shapes of units and tasks. Names are of those who are on duty in a unit; nothing is told about involved persons."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from fengsui.features.dispatch.model import Status, TaskState, UnitKind
from fengsui.features.incidents import IncidentKind

_PLAIN = r"^[^\x00-\x1f\x7f]*$"
_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
AreaCode = Annotated[str, Field(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]
CallSign = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=32, pattern=_PLAIN)]
Member = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=_PLAIN)]
Order = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern=_LINES)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000, pattern=_LINES)]
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=500, pattern=_LINES)]
LocatorCode = Annotated[str, Field(max_length=32, pattern=r"^[0-9A-Za-z]*$")]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


class PatrolUnitOrder(BaseModel):
    """A unit as it goes on patrol. `area` empty: the node's own; `members`: names of those who are on duty in it."""

    call_sign: CallSign
    kind: UnitKind
    members: Annotated[list[Member], Field(max_length=20)] = []
    area: AreaCode = ""
    status: Literal[Status.AVAILABLE, Status.OUT_OF_SERVICE] = Status.AVAILABLE
    locator: LocatorCode = ""
    """Of a device, or of a camera of one, that says where the unit is (GB/T 28181 MobilePosition); empty: none does."""


class PatrolUnitChange(BaseModel):
    """What is other now; the rest stays. The status of a unit with a task follows from that."""

    call_sign: CallSign | None = None
    kind: UnitKind | None = None
    members: Annotated[list[Member], Field(max_length=20)] | None = None
    status: Literal[Status.AVAILABLE, Status.OUT_OF_SERVICE] | None = None
    locator: LocatorCode | None = None


class PatrolUnitPlace(BaseModel):
    """Where it is, in CGCS2000, and since when: else now. The last one alone is kept."""

    longitude: Longitude
    latitude: Latitude
    at: AwareDatetime | None = None


class CrewMember(BaseModel):
    """An account that is in a unit with a phone."""

    user_id: int
    name: str
    full_name: str
    unit: str


class CrewCandidates(BaseModel):
    """By name."""

    items: list[CrewMember]


class CrewOrder(BaseModel):
    """Who is in it from now on: these and nobody else."""

    users: Annotated[list[Annotated[int, Field(ge=1, le=2**31 - 1)]], Field(max_length=20)]


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
    crew: list[CrewMember]
    """With phones of their own."""
    locator: str
    """Code of the device, or of its camera, by which its place is known; empty: none."""


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
    """What the unit said. `pressed_at`: when, by its own clock, where it is sent later; it stands in the time line beside ours."""

    text: Words = ""
    pressed_at: AwareDatetime | None = None


class TaskReason(BaseModel):
    """Why it does not go on."""

    reason: Why


class TaskShape(BaseModel):
    """What a unit is sent to do. `times`: when each state was reached; `due_at`: when the running timer ends; `overdue`: it has.

    `photos`: the SHA-256 of each as it is kept, the oldest first.
    """

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
    photos: list[str]


class TaskPlace(BaseModel):
    """What a unit must know of the incident: what the desk wrote about persons is not among it."""

    id: int
    number: str
    type: IncidentKind
    priority: int
    area_name: str
    place: str
    longitude: float | None
    latitude: float | None


class HelpCall(BaseModel):
    """For help, from the caller's own unit. `taken_by`: who at the desk sees to it; null: nobody yet."""

    alarm: int
    received_at: datetime
    taken_by: str | None


class HelpOrder(BaseModel):
    """Where the caller is; left out: where the unit was last. `pressed_at`: by the caller's own clock."""

    longitude: Longitude | None = None
    latitude: Latitude | None = None
    pressed_at: AwareDatetime | None = None


class OwnPatrol(BaseModel):
    """What somebody on patrol has before them. `unit` null: the desk has put them into none; `task` null: nothing to do."""

    unit: PatrolUnitShape | None
    task: TaskShape | None
    where: TaskPlace | None
    call: HelpCall | None


class PatrolDuty(BaseModel):
    """On duty, or off."""

    on: bool


class TaskList(BaseModel):
    """The oldest first."""

    items: list[TaskShape]
