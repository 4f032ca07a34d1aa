"""Shapes of requests."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from fengsui.features.access import Rank
from fengsui.features.approvals.model import MAX_REASON, Direction, State, Workstation


class DocumentShape(BaseModel):
    """The legal document behind an act, by its number."""

    number: str = Field(min_length=1, max_length=64)
    issuer: str = Field(min_length=1, max_length=128)
    rank: str = Field(min_length=1, max_length=64)
    """Of whoever approved it."""
    issued_on: date


class DifferenceShape(BaseModel):
    """One field; an empty value: it is not there."""

    field: str
    zh: str
    en: str
    old_zh: str
    old_en: str
    new_zh: str
    new_en: str
    direction: Direction


class RequestShape(BaseModel):
    """A request in a list."""

    number: int
    id: str
    kind: str
    kind_zh: str
    kind_en: str
    target: str
    reason: str
    state: State
    asked_by: str
    asked_address: str
    asked_at: datetime
    expires_at: datetime
    mine: bool
    decided_by: str
    decided_at: datetime | None
    due_at: datetime | None
    ended_by: str
    ended_at: datetime | None
    ended_reason: str


class CandidateShape(BaseModel):
    """Somebody who could approve it now. `rank`: in the place that it is about."""

    name: str
    full_name: str
    unit: str
    rank: Rank | None


class RequestList(BaseModel):
    """The newest first. `next`: cursor of the following page. `waiting`: how many wait for whoever asks."""

    items: list[RequestShape]
    next: int | None
    waiting: int
    same_workstation: Workstation
    """What two persons must not share: an address; an address and browser; or only the session, for demonstrations."""


class OpenedRequest(BaseModel):
    """A request with all that it says. `hash`: SHA-256 of exactly what will happen; the approval names it."""

    request: RequestShape
    title_zh: str
    title_en: str
    differences: list[DifferenceShape]
    content: Any
    document: DocumentShape | None
    hash: str
    may_approve: bool
    may_withdraw: bool
    rank: Rank | None
    rank_zh: str
    rank_en: str
    """The lowest rank that may approve; empty: whoever holds the right."""
    candidates: list[CandidateShape]
    """Who could approve it now, at most 50, the lowest rank that suffices first; nobody once it is decided."""
    against_zh: str
    against_en: str
    """Why whoever reads it may not approve it; empty when they may, or hold no such right at all."""


class Approval(BaseModel):
    """The second person's approval of exactly this."""

    hash: str = Field(pattern=r"^[0-9a-f]{64}$")


class WithReason(BaseModel):
    """Why."""

    reason: str = Field(default="", max_length=MAX_REASON)
