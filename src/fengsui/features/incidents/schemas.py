"""Shapes of incidents.

They are about places and events. There is no field for involved persons, suspects, victims or callers, and none is to be written
into the free text: those stay in the police system. The names here are of those who are on duty.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, model_validator

from fengsui.features.incidents.model import LineKind
from fengsui.features.incidents.words import Cause, Disposition, IncidentKind, IncidentState

_PLAIN = r"^[^\x00-\x1f\x7f]*$"
_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
AreaCode = Annotated[str, Field(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]
Spot = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_PLAIN)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=_LINES)]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=_LINES)]
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=500, pattern=_LINES)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Priority = Annotated[int, Field(ge=1, le=4)]
AlarmNumber = Annotated[int, Field(ge=1, le=2**63 - 1)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
Seen = Annotated[Version | None, Field(description="The version on one's screen: refused (409) where another desk was first")]


class IncidentOrder(BaseModel):
    """What happens where. `area` empty: the node's own; degrees in CGCS2000; `priority`: 1 lives are at stake, to 4 for the record.

    Nothing about involved persons is entered here.
    """

    type: IncidentKind
    area: AreaCode = ""
    place: Spot
    longitude: Longitude | None = None
    latitude: Latitude | None = None
    text: Words = ""
    alarms: Annotated[list[AlarmNumber], Field(max_length=200)] = []
    priority: Priority = 2

    @model_validator(mode="after")
    def _whole(self) -> IncidentOrder:
        if (self.longitude is None) != (self.latitude is None):
            raise ValueError("longitude and latitude are given together")
        if len(set(self.alarms)) < len(self.alarms):
            raise ValueError("an alarm is named once")
        return self


class IncidentNote(BaseModel):
    """Words for the time line; nothing about involved persons."""

    text: Said


class IncidentCorrection(BaseModel):
    """What it should say, and why; the rest stays. What stood before stays in the time line."""

    type: IncidentKind | None = None
    place: Spot | None = None
    longitude: Longitude | None = None
    latitude: Latitude | None = None
    text: Words | None = None
    priority: Priority | None = None
    reason: Why
    version: Seen = None

    @model_validator(mode="after")
    def _both(self) -> IncidentCorrection:
        if (self.longitude is None) != (self.latitude is None):
            raise ValueError("longitude and latitude are given together")
        return self


class AlarmLink(BaseModel):
    """An alarm that is about the same; it belongs to no other incident."""

    alarm: AlarmNumber
    text: Words = ""


class AlarmUnlink(BaseModel):
    """Why it is not about the same."""

    reason: Why


class PictureLink(BaseModel):
    """Footage that shows it: a camera and a time. Nothing is copied, and whoever looks at it needs their own right to it.

    `reference`: of a bookmark, a snapshot or a clip, as its room has it.
    """

    what: Literal["picture", "bookmark", "footage", "clip"]
    camera: Annotated[str, Field(pattern=r"^[0-9]{20}$")]
    since: Annotated[AwareDatetime, Field(alias="from")]
    until: Annotated[AwareDatetime | None, Field(alias="to")] = None
    reference: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64, pattern=_PLAIN)] = ""
    text: Words = ""

    @model_validator(mode="after")
    def _ordered(self) -> PictureLink:
        if self.until is not None and self.until < self.since:
            raise ValueError("it ends before it begins")
        return self


class IncidentStep(BaseModel):
    """A step of its life. `take`: one leads it (from somebody else with a reason); `refute`: it is false, with a cause."""

    step: Literal["take", "verify", "confirm", "refute", "control", "archive"]
    cause: Cause | None = None
    text: Words = ""
    version: Seen = None

    @model_validator(mode="after")
    def _cause(self) -> IncidentStep:
        if (self.cause is not None) != (self.step == "refute"):
            raise ValueError("what is refuted has a cause, and nothing else has")
        return self


class IncidentHandover(BaseModel):
    """To whom, by the id of the user."""

    to: Annotated[int, Field(ge=1, le=2**31 - 1)]
    note: Words = ""
    version: Seen = None


class IncidentMerge(BaseModel):
    """Into which incident, and why."""

    into: Annotated[int, Field(ge=1, le=2**31 - 1)]
    reason: Why
    version: Seen = None


class IncidentReason(BaseModel):
    """Why."""

    reason: Why
    version: Seen = None


class IncidentClosing(BaseModel):
    """How it ends: one main disposition, others beside it, and the cause of a false alarm."""

    disposition: Disposition
    also: Annotated[list[Disposition], Field(max_length=6)] = []
    cause: Cause | None = None
    text: Words = ""
    version: Seen = None


class WhoLeads(BaseModel):
    """Somebody on duty."""

    id: int
    name: str


class OtherIncident(BaseModel):
    """By its number."""

    id: int
    number: str


class IncidentShape(BaseModel):
    """What happens at a place, and where it stands. `desk_state`: as people left it; `state`: with what its units have reached.

    `times`: when each state was reached first. `remind_at`: by when somebody should write a line. Nothing is told about involved
    persons: there is no such field.
    """

    id: int
    number: str
    type: IncidentKind
    state: IncidentState
    desk_state: IncidentState
    area: str
    area_name: str
    place: str
    longitude: float | None
    latitude: float | None
    text: str
    priority: int
    opened_at: datetime
    opened_by: str
    owner: WhoLeads | None
    times: dict[IncidentState, datetime]
    disposition: Disposition | None
    also: list[Disposition]
    cause: Cause | None
    merged_into: OtherIncident | None
    alarms: list[int]
    units_out: int
    last_at: datetime
    remind_at: datetime | None
    version: int


class IncidentLine(BaseModel):
    """One line of the time line, written once. `before`, `after`: the incident's state; `facts`: what it names."""

    ordinal: int
    kind: LineKind
    at: datetime
    by: WhoLeads
    before: IncidentState | None
    after: IncidentState
    text: str
    facts: Mapping[str, str | int | float | list[str] | list[int] | None]


class IncidentDetails(IncidentShape):
    """With its time line, the oldest line first, and what was merged into it."""

    lines: list[IncidentLine]
    parts: list[OtherIncident]


class IncidentPage(BaseModel):
    """`next`: what to ask for as `cursor`; `total`: on all pages."""

    items: list[IncidentShape]
    next: str | None
    total: int


class Worded(BaseModel):
    """One of a closed list."""

    code: str
    zh: str
    en: str


class IncidentLists(BaseModel):
    """The closed lists, with their words."""

    types: list[Worded]
    states: list[Worded]
    dispositions: list[Worded]
    causes: list[Worded]
