"""Shapes of methods, and of what they served. None has a field for a person that a matter is about."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from fengsui.features.incidents import IncidentKind
from fengsui.features.methods.model import State, Words

_PLAIN = r"^[^\x00-\x1f\x7f]*$"
_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
AreaCode = Annotated[str, Field(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=64, pattern=_PLAIN)]
Steps = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=4000, pattern=_LINES)]
Signs = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=_LINES)]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=24, pattern=_PLAIN)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=_LINES)]
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=500, pattern=_LINES)]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MethodOrder(_Strict):
    """A method as somebody writes it. `area`: for whom it is, and within; empty: the node's own. `steps`: how one goes about it;
    `places`: signs of places and times; `cameras`: which are of use, and how. Nothing about persons."""

    title: Title
    area: AreaCode = ""
    state: State = "draft"
    kinds: Annotated[list[IncidentKind], Field(min_length=1, max_length=12)]
    steps: Steps
    places: Signs = ""
    cameras: Signs = ""
    tags: Annotated[list[Tag], Field(max_length=10)] = []

    @field_validator("kinds", "tags")
    @classmethod
    def _once(cls, given: list[str]) -> list[str]:
        if len(set(given)) < len(given):
            raise ValueError("each is named once")
        return given

    @property
    def words(self) -> Words:
        """As the method keeps them."""
        return Words(tuple(self.kinds), self.steps, self.places, self.cameras, tuple(self.tags))


class MethodChange(MethodOrder):
    """`version`: as whoever asks has seen it; when it is another by now, nothing is changed."""

    version: Number


class MethodEntry(BaseModel):
    """A method in a list. `served`: how many incidents, of those that whoever asks may see; `editable`: by whoever asks."""

    id: int
    title: str
    area: str
    area_name: str
    state: State
    kinds: list[IncidentKind]
    tags: list[str]
    version: int
    changed_at: datetime
    changed_by: str
    served: int
    editable: bool


class MethodList(BaseModel):
    """By title."""

    items: list[MethodEntry]


class MethodVersion(BaseModel):
    """A method as it was."""

    version: int
    changed_at: datetime
    changed_by: str
    title: str
    area: str
    area_name: str
    state: State
    kinds: list[IncidentKind]
    steps: str
    places: str
    cameras: str
    tags: list[str]


class MethodVersionList(BaseModel):
    """The newest first."""

    items: list[MethodVersion]


class MonthServed(BaseModel):
    """So many incidents that were opened in a month (2026-11)."""

    month: str
    count: int


class IncidentServed(BaseModel):
    """An incident that it served. `version`: of the method; `note`: how it served."""

    incident: int
    number: str
    type: IncidentKind
    opened_at: datetime
    version: int
    note: str
    at: datetime
    by: str


class MethodDetails(MethodEntry):
    """With what it says and what it served: the newest 24 months and 100 incidents, of those that whoever asks may see."""

    steps: str
    places: str
    cameras: str
    months: list[MonthServed]
    incidents: list[IncidentServed]


class MethodUsed(BaseModel):
    """That a method served an incident. `version`: as it stood then; `state`: as it stands now."""

    method: int
    title: str
    version: int
    state: State
    note: str
    at: datetime
    by: str


class MethodOffered(BaseModel):
    """One that is for such a matter."""

    method: int
    title: str


class IncidentMethods(BaseModel):
    """Which methods served an incident, and which others are for that kind of matter there."""

    used: list[MethodUsed]
    offered: list[MethodOffered]


class MethodLink(_Strict):
    """Which method, and how it served."""

    method: Number
    note: Note = ""


class MethodUnlink(_Strict):
    """Why it did not serve."""

    reason: Why
