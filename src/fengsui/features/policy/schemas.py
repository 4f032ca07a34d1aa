"""Shapes of policy packs."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, Field

from fengsui.features.approvals import MAX_REASON, DifferenceShape, DocumentShape
from fengsui.features.policy.model import CaseNumber, Gated, Purpose, UnknownCase
from fengsui.features.policy.owner_notices import Told
from fengsui.features.policy.signing import MAX_FILE


class EntryShape(BaseModel):
    """One field of a pack as it is read."""

    field: str
    zh: str
    en: str
    value_zh: str
    value_en: str


class PackShape(BaseModel):
    """A pack. `from_at`: since when it is in force, or from when it will be; `key`: of its publisher."""

    name: str
    version: int
    publisher: str
    key: str
    issued_on: date
    title_zh: str
    title_en: str
    digest: str
    from_at: datetime
    request: str
    """Of the approval; empty for the pack that the node was installed with."""
    entries: list[EntryShape]


class PastPack(BaseModel):
    """One line of the history. `state`: in-force, coming, past, dropped."""

    name: str
    version: int
    digest: str
    state: str
    asked_by: str
    approved_by: str
    request: str
    from_at: datetime
    until_at: datetime | None


class PublisherShape(BaseModel):
    """Somebody whose packs this node takes."""

    key: str


class PurposeShape(BaseModel):
    """A purpose that can be chosen now, and what it opens."""

    code: Purpose
    zh: str
    en: str
    functions: list[Gated]
    case_number: CaseNumber
    basis: list[str]
    """Legal bases, of which a ticket names one."""


class TicketLimits(BaseModel):
    """How long a use ticket is open."""

    default_hours: int
    longest_hours: int
    without_case_hours: int
    unknown_case: UnknownCase


class PolicyShape(BaseModel):
    """The pack in force and the one that comes; `fault_*`: why the one in force cannot be used."""

    in_force: PackShape | None
    coming: PackShape | None
    tightened: list[EntryShape]
    """What holds otherwise than the pack in force says, because the one that comes is narrower there."""
    purposes: list[PurposeShape]
    """Of what holds now; empty without a pack."""
    tickets: TicketLimits | None
    fault_zh: str
    fault_en: str
    publishers: list[PublisherShape]
    history: list[PastPack]
    may_change: bool


class OwnerNotice(BaseModel):
    """Something that an owner is told. `due_at`: when it takes effect, null: it has; `camera` empty: about every camera there."""

    id: int
    at: datetime
    about: Told
    camera: str
    area: str
    zh: str
    en: str
    due_at: datetime | None
    unread: bool


class OwnerNoticeList(BaseModel):
    """The newest first."""

    items: list[OwnerNotice]


class Acknowledgement(BaseModel):
    """The newest notice that was read."""

    until: int = Field(ge=1)


class PackText(BaseModel):
    """A signed pack, as its file is."""

    pack: str = Field(max_length=MAX_FILE)


class ProposedPack(PackText):
    """A pack that shall be in force, and why."""

    reason: str = Field(default="", max_length=MAX_REASON)
    document: DocumentShape | None = None


class PackPreview(BaseModel):
    """What a pack would change, before anybody asks for it. `wait_hours`: 0 when it loosens nothing."""

    name: str
    version: int
    publisher: str
    key: str
    title_zh: str
    title_en: str
    differences: list[DifferenceShape]
    wait_hours: float
    needs_document: bool
