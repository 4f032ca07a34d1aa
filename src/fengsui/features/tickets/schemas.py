"""Shapes of use tickets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from fengsui.features.policy import Purpose
from fengsui.features.tickets.model import MAX_CAMERAS, Match, NoteKind

CameraCode = Annotated[str, Field(max_length=32, pattern=r"^[0-9A-Za-z]{1,32}$")]
Reason = Annotated[str, Field(max_length=500)]


class TicketBounds(BaseModel):
    """Cameras by code, or an area by the beginning of its code; `since` to `until`: the time of the footage."""

    cameras: Annotated[list[CameraCode], Field(max_length=MAX_CAMERAS)] = []
    area: Annotated[str, Field(pattern=r"^(\d\d){0,4}$")] = ""
    since: AwareDatetime
    until: AwareDatetime


class TicketOrder(BaseModel):
    """What is filled in. `hours` None: as long as the policy pack says."""

    purpose: Purpose
    case_number: Annotated[str, Field(max_length=64)] = ""
    legal_basis: Annotated[str, Field(max_length=500)]
    bounds: TicketBounds
    hours: Annotated[int, Field(ge=1, le=720)] | None = None
    reason: Reason = ""


class UseTicketOrder(BaseModel):
    """The same in few words, for other programs: `case` the number of the case, `from` to `to` the time of the footage."""

    purpose: Purpose
    case: Annotated[str, Field(max_length=64)] = ""
    legal_basis: Annotated[str, Field(max_length=500)]
    cameras: Annotated[list[CameraCode], Field(min_length=1, max_length=MAX_CAMERAS)]
    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime = Field(alias="to")
    hours: Annotated[int, Field(ge=1, le=720)] | None = None
    reason: Reason = ""


class UseTicketShape(BaseModel):
    """The number by which it is named everywhere, and when it ends."""

    id: str
    expires_at: datetime


class TicketChange(BaseModel):
    """Another version: what it shall hold, how long from now, and why."""

    bounds: TicketBounds
    hours: Annotated[int, Field(ge=1, le=720)]
    reason: Annotated[str, Field(min_length=4, max_length=500)]


class TicketShape(BaseModel):
    """One's own ticket."""

    number: str
    version: int
    purpose: Purpose
    case_number: str
    case_match: Match
    answer: str
    """What the holder said about a number that no register knows; empty: nothing yet."""
    legal_basis: str
    reason: str
    opens: list[str]
    cameras: list[str]
    area: str
    since: datetime
    until: datetime
    opened_at: datetime
    expires_at: datetime
    state: str
    """`open`, `expired`, `closed`."""


class TicketList(BaseModel):
    """The newest first."""

    items: list[TicketShape]


class PurposeShape(BaseModel):
    """One of the closed list, with what it opens and the legal bases to choose from."""

    code: Purpose
    zh: str
    en: str
    functions: list[str]
    case_number: str
    basis: list[str]


class PurposeList(BaseModel):
    """Empty while no policy pack is loaded."""

    items: list[PurposeShape]
    default_hours: int
    longest_hours: int
    without_case_hours: int
    """The longest of a ticket that names no case."""


class NoteShape(BaseModel):
    """What was said about a number: `answer` by the holder, `accepted` or `closed` by a supervisor."""

    kind: NoteKind
    by: str
    text: str
    at: datetime


class UnmatchedShape(BaseModel):
    """A ticket whose number the register does not know. `suspended`: recorded access is closed to the holder until a review."""

    ticket: str
    state: str
    purpose_zh: str
    purpose_en: str
    user_id: int
    name: str
    full_name: str
    unit: str
    mine: bool
    case_number: str
    opened_at: datetime
    suspended: bool
    notes: list[NoteShape]


class UnmatchedList(BaseModel):
    """For supervisors. `connected`: to a register; `asked_at` null: not since the node was started; `trouble`: of that run."""

    items: list[UnmatchedShape]
    connected: bool
    asked_at: datetime | None
    next_at: datetime
    trouble_zh: str
    trouble_en: str


class Said(BaseModel):
    """An answer, or why a supervisor decides so."""

    text: Annotated[str, Field(min_length=4, max_length=500)]


class Review(BaseModel):
    """What a supervisor found."""

    note: Annotated[str, Field(min_length=4, max_length=500)]
