"""Shapes of the audit log."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from fengsui.features.audit import Act


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
