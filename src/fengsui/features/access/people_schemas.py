"""Shapes of people, their appointments and units."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from fengsui.features.access.posts import CameraClass, Function, Post
from fengsui.features.access.ranks import Rank

AreaCode = Annotated[str, Field(pattern=r"^(\d\d){0,3}$", description="GB/T 2260: province, city or county; empty: everywhere")]
Name = Annotated[str, Field(min_length=2, max_length=64, pattern=r"^[^\s<>\"'/\\]+$")]


class NewAppointment(BaseModel):
    """A post for an area and its whole subtree, for classes of cameras (none named: all), from now unless said, until a time."""

    model_config = ConfigDict(extra="forbid")

    post: Post
    area: AreaCode = ""
    classes: list[CameraClass] = Field(default_factory=lambda: list(CameraClass), min_length=1, max_length=5)
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    rank: Rank | None = None
    """For approving; none named: what the post is worth."""


class AppointmentShape(BaseModel):
    """An appointment. `valid_until` None: without an end."""

    id: int
    post: Post
    area: str
    area_name: str
    classes: list[CameraClass]
    valid_from: datetime
    valid_until: datetime | None
    in_force: bool
    rank: Rank | None
    made_at: datetime
    made_by: str
    approved_by: str
    """Empty for the first ones of a node, and for those of before approvals."""
    group: str
    """Of the identity provider, that gave it; empty: somebody appointed."""
    waits: bool
    """A group gave it, and somebody of this node has still to accept it."""


class PersonShape(BaseModel):
    """A user as a security administrator sees one. Dates of rule A9 are days in China; `closed_*`: why the account is closed."""

    id: int
    name: str
    full_name: str
    personnel_number: str
    unit: int | None
    unit_name: str
    area: str
    area_name: str
    appointments: list[AppointmentShape]
    vetted_on: date | None
    undertaking_on: date | None
    training_until: date | None
    certificate_no: str
    """Of the training."""
    closed_zh: str
    closed_en: str
    disabled: bool
    locked: bool
    must_change_password: bool
    created_at: datetime
    signed_in_at: datetime | None
    provider: str
    """The identity provider that the account comes from; empty for one of this node."""


class LapseShape(BaseModel):
    """A prerequisite that is missing, expired, or expires within thirty days. Only the training has a last day."""

    user_id: int
    name: str
    full_name: str
    unit: str
    what: Literal["vetting", "undertaking", "training"]
    state: Literal["missing", "expired", "expiring"]
    until: date | None
    certificate_no: str


class LapseList(BaseModel):
    """The most urgent first."""

    items: list[LapseShape]


class PersonList(BaseModel):
    """The users of the administrator's own area."""

    items: list[PersonShape]


class Prerequisites(BaseModel):
    """Entry vetting, signed secrecy undertaking, last day of the training (rule A9)."""

    vetted_on: date | None = None
    undertaking_on: date | None = None
    training_until: date | None = None
    certificate_no: str | None = Field(default=None, max_length=64)


class NewPerson(Prerequisites):
    """A user to be made; names are one word, so that they read well in the audit log."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    full_name: str = Field(default="", max_length=64)
    personnel_number: str = Field(default="", max_length=64)
    """Of the human being, as the personnel office has it."""
    unit: int | None = None
    appointments: list[NewAppointment] = Field(default_factory=list, max_length=16)


class PersonChange(Prerequisites):
    """What a security administrator may set; what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    disabled: bool | None = None
    full_name: str | None = Field(default=None, max_length=64)
    personnel_number: str | None = Field(default=None, max_length=64)
    unit: int | None = None


class MadePerson(BaseModel):
    """The user and the first password: told once, kept nowhere, changed at the first sign-in."""

    user: PersonShape
    password: str


class UnitShape(BaseModel):
    """A body in the area tree."""

    id: int
    name: str
    area: str
    area_name: str
    people: int


class UnitList(BaseModel):
    """The units of the administrator's own area."""

    items: list[UnitShape]


class NewUnit(BaseModel):
    """A unit to be made or changed."""

    name: str = Field(min_length=1, max_length=128)
    area: AreaCode


class PostShape(BaseModel):
    """A post and what it gives. `office`: one of the three administrators."""

    post: Post
    functions: list[Function]
    office: bool
    sees_footage: bool


class PostList(BaseModel):
    """Every post."""

    items: list[PostShape]
