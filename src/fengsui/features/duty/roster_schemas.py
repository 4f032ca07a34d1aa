"""Shapes of rosters."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel

from fengsui.features.access import Post
from fengsui.features.duty.roster_model import SwapState
from fengsui.features.duty.schemas import Said, Seat, Text


class SlotOrder(BaseModel):
    """Who shall sit where and when."""

    seat: Seat
    user_id: int
    since: AwareDatetime
    until: AwareDatetime


class SlotShape(BaseModel):
    """One line of a roster. `trouble`: why the person may not sit there by now, such as a training that lapses; else empty."""

    id: int
    seat: int
    user_id: int
    name: str
    full_name: str
    since: datetime
    until: datetime
    over: bool
    confirmed: bool
    """It is published; a draft binds nobody."""
    trouble_zh: str
    trouble_en: str


class SlotList(BaseModel):
    """By time."""

    items: list[SlotShape]


class CopyOrder(BaseModel):
    """The week from `since` on, once more from `to` on."""

    since: AwareDatetime
    to: AwareDatetime


class CopyResult(BaseModel):
    """How many slots were made, and those that could not be with the reason."""

    made: int
    left: list[SlotShape]


class SeatCandidate(BaseModel):
    """Somebody who may take a seat. `seat`, `since`: the next slot by the roster, 0 and null without one."""

    user_id: int
    name: str
    full_name: str
    unit: str
    posts: list[Post]
    on_duty: bool
    seat: int
    since: datetime | None


class SeatCandidateList(BaseModel):
    """By the roster, then by name."""

    items: list[SeatCandidate]


class PublishOrder(BaseModel):
    """The week in which this moment lies."""

    at: AwareDatetime


class RosterLine(BaseModel):
    """A line of the roster as it was."""

    seat: int
    name: str
    since: datetime
    until: datetime


class RosterVersion(BaseModel):
    """Who published or changed the roster of a week. `change`: empty where it was published as a whole."""

    version: int
    name: str
    at: datetime
    change: str
    lines: list[RosterLine]


class RosterVersions(BaseModel):
    """The newest first. `since`: the week's Monday; `drafts`: lines of it that are not published."""

    since: datetime
    drafts: int
    items: list[RosterVersion]


class SwapOrder(BaseModel):
    """One's own line for another's."""

    slot: int
    other_slot: int
    reason: Said


class SwapAnswer(BaseModel):
    """Whether the other person wants it too."""

    accept: bool


class SwapDecision(BaseModel):
    """The supervisor's."""

    approve: bool
    note: Text = ""


class SwapShape(BaseModel):
    """Two people swap their lines. `slot` is the asker's; `decider`: the supervisor's name."""

    id: int
    slot: int
    other_slot: int
    asked_by: int
    asked_of: int
    asker: str
    asked: str
    state: SwapState
    asked_at: datetime
    reason: str
    decider: str
    note: str


class SwapList(BaseModel):
    """The newest first."""

    items: list[SwapShape]
