"""Shapes of the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from fengsui.features.audit.findings import Finding
from fengsui.features.audit.model import Act


class AuditRecordShape(BaseModel):
    """One record; an empty text says that it does not apply. `intact`: the record's own hash fits."""

    sequence: int
    at: str
    clock_error: str
    person: str
    unit: str
    role: str
    ticket: str
    case: str
    purpose: str
    legal_basis: str
    act: str
    object: str
    range: str
    detail: str
    recipient: str
    workstation: str
    session: str
    address: str
    result: str
    policy: str
    previous: str
    hash: str
    intact: bool


class AuditPage(BaseModel):
    """The newest first. `next`: cursor of the following page. `acts`: every act there is."""

    items: list[AuditRecordShape]
    next: int | None
    acts: list[Act]
    fingerprint: str
    """Of the public key that checkpoints are verified with."""


class CopyShape(BaseModel):
    """Another place for the checkpoints. `complete_at` null: not since the start. `what`: why the last push failed."""

    place: str
    complete_at: datetime | None
    late: bool
    what: str


class CopyList(BaseModel):
    """Every place. `unsigned`: records that no checkpoint speaks for yet."""

    items: list[CopyShape]
    unsigned: int


class NeighbourFinding(BaseModel):
    """What is wrong with a neighbour's log. `record`: of that log, 0 where it cannot be said; `ended_at` null: open."""

    kind: Finding
    zh: str
    en: str
    first_at: datetime
    last_at: datetime
    times: int
    record: int
    detail: str
    ended_at: datetime | None
    ended_by: str
    note: str


class NeighbourLog(BaseModel):
    """A node whose checkpoints are kept here, up to record `last`; `claimed`: where it says its log stands, 0 before it spoke.

    `signed_at`: when the last one was signed, by its clock; `heard_at` null: nothing was heard since the start.
    """

    code: str
    fingerprint: str
    last: int
    claimed: int
    signed_at: str
    heard_at: datetime | None
    silent: bool
    findings: list[NeighbourFinding]


class NeighbourLogs(BaseModel):
    """`bus`: none, connected or away; `what`: why it is away."""

    items: list[NeighbourLog]
    bus: Literal["none", "connected", "away"]
    what: str


class Review(BaseModel):
    """What came of looking at it."""

    note: Annotated[str, Field(min_length=1, max_length=500)]
