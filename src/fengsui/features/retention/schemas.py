"""Shapes of retention."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from fengsui.features.approvals import DocumentShape

Reason = Annotated[str, Field(min_length=2, max_length=500)]


class HoldShape(BaseModel):
    """Footage that is not removed, for a case. `overdue`: its review is; it holds all the same. `case_number` null, `reason` empty:
    whoever looks has no part in it.
    """

    id: int
    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")
    case_number: str | None
    reason: str
    asked_by: str
    approved_by: str
    held_at: datetime
    review_at: datetime
    overdue: bool


class RetentionShape(BaseModel):
    """How long a camera's footage is kept and what it takes. `data_class` null: no policy pack is in force, nothing is removed.

    `bytes_a_day`: over its last seven whole days, null before the first is over; `away_bytes`: of `stored_bytes`, in the second
    tier; `oldest`: when its oldest footage begins;
    `held`, `overdue`: holds, and those of them whose review is.
    """

    camera: str
    data_class: Literal["video", "key-target-video"] | None
    floor_days: int | None
    ceiling_days: int | None
    basis: str
    bytes_a_day: float | None
    stored_bytes: int
    away_bytes: int
    oldest: datetime | None
    held: int
    overdue: int


class ClipHoldShape(BaseModel):
    """Footage that is not removed because a clip of it was asked for: until that is taken, refused, or over at `held_until`.

    `approved_by` empty: it waits for the second person.
    """

    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")
    asked_by: str
    approved_by: str
    held_until: datetime


class HoldList(BaseModel):
    """What is held of a camera. `needs_document`: whether a hold must name a legal document, as the policy says."""

    camera: str
    items: list[HoldShape]
    clips: list[ClipHoldShape]
    needs_document: bool


class HoldOrder(BaseModel):
    """What is to be held, and by when somebody looks again; a use ticket must cover all of it, and its case is the hold's.

    `use_ticket`: its number; null: one of those that cover it, rather one whose case does not hold it yet.
    """

    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime = Field(alias="to")
    review_at: AwareDatetime
    reason: Reason
    use_ticket: Annotated[str, Field(max_length=32)] | None = None
    document: DocumentShape | None = None


class HoldRelease(BaseModel):
    """Why it need not be held any longer."""

    reason: Reason
    document: DocumentShape | None = None


class RemovalShape(BaseModel):
    """Files of a day that were removed together. `root`: the Merkle root (RFC 6962 §2.1, SHA-256) over `digests`, as the audit log
    has it; a digest: SHA-256 of a file's path, size and table, which has the digest of its pictures. Hexadecimal."""

    stream: Literal["main", "sub"]
    day: str
    why: Literal["ceiling", "space"]
    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")
    bytes: int
    removed_at: datetime
    policy: str
    data_class: str
    root: str
    digests: list[str]


class RemovalList(BaseModel):
    """What was removed of a camera, the youngest days first; of 400 days at most."""

    camera: str
    items: list[RemovalShape]


class FolderShape(BaseModel):
    """A footage folder that is there. Bytes."""

    path: str
    free: int
    reserve: int


class SecondTierShape(BaseModel):
    """Where footage moves that is older than `after_days`. Bytes: what is there, and what the floors will take there."""

    after_days: float
    stored_bytes: int
    needed_bytes: float


class StorageShape(BaseModel):
    """The node's footage folders as reckoned within the last hour. `full_in_days`: until nothing is free, if nothing were removed;
    or null where it moves to the second tier before; `holds_days`: how many days fit at the rate of the last seven;
    `needed_bytes`: what the floors of all cameras take here. What lies in the second tier is told apart, null without one.
    """

    folders: list[FolderShape]
    bytes_a_day: float | None
    stored_bytes: int
    free_bytes: int
    full_in_days: float | None
    holds_days: float | None
    needed_bytes: float
    second_tier: SecondTierShape | None
