"""Shapes of clips."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from fengsui.features.approvals import DocumentShape


class ClipOrder(BaseModel):
    """The stretch, and why it must leave the house; a use ticket must cover all of it, and a second person approves.

    `stream`: which of the camera's recordings; `recording`: of moments that were recorded more than once, for the node's clock was
    set back, this one, counted as they were made (`twice` of listFootage).
    """

    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime = Field(alias="to")
    stream: Literal["main", "sub"] = "main"
    recording: Annotated[int, Field(ge=1, le=9)] = 1
    reason: Annotated[str, Field(min_length=2, max_length=500)]
    document: DocumentShape | None = None


class ClipLinking(BaseModel):
    """Under which use ticket of one's own, of another case, the clip is to be used, and why; a second person approves (rule A6)."""

    use_ticket: Annotated[str, Field(min_length=1, max_length=32)]
    reason: Annotated[str, Field(min_length=2, max_length=500)]
    document: DocumentShape | None = None


class ClipOrigin(BaseModel):
    """The clip that is used for another case: its request, and the ticket and case for which it was made."""

    clip: str
    ticket: str
    case: str


class ClipEnding(BaseModel):
    """Why nothing came of it, in both languages. `code`: what the node refused; empty: a person's own words."""

    code: str
    zh: str
    en: str


class TakenShape(BaseModel):
    """A file that was handed over. `missing_s`: seconds of it without footage.

    `ended`: `whole`; `changed`: codec or size became another, and the rest is a file of its own; `revoked`, `left`, `unread`: it is
    no file.
    """

    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")
    file: str
    bytes: int
    pictures: int
    damaged: int
    missing_s: float
    sha256: str
    ended: str
    at: datetime


class ClipShape(BaseModel):
    """A clip that one asked for. `until`: approved or not, it is over then. `taken`: files that were handed over, and tries, the
    last of them; `taken_total`: how many there are.
    """

    id: str
    camera: str
    name: str
    stream: str
    recording: int
    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")
    use_ticket: str
    reason: str
    state: Literal["pending", "approved", "applied", "refused", "expired", "void", "withdrawn"]
    ended_reason: ClipEnding | None
    linked_from: ClipOrigin | None
    approved_by: str
    asked_at: datetime
    usable_until: datetime
    taken: list[TakenShape]
    taken_total: int


class ClipFileList(BaseModel):
    """Files of one clip that were handed over, and tries, the last first; `total`: how many there are."""

    items: list[TakenShape]
    next: int | None
    total: int


class ClipList(BaseModel):
    """One's own of the last two days, the newest first; `total`: how many there are. `needs_document`: as the policy says."""

    items: list[ClipShape]
    next: int | None
    total: int
    needs_document: bool


class ClipTaking(BaseModel):
    """Which part; without a time the first."""

    since: AwareDatetime | None = Field(default=None, alias="from")


class ClipAddress(BaseModel):
    """Where the file is taken, once, and what it will be called."""

    url: str
    file: str


class ClipManifest(BaseModel):
    """What the file is, and who took it by which right; to be kept beside it.

    `sm3`: null, for it is not computed (docs/decisions/0056).
    `ticket_until`: when the use ticket was to end, as of the download; what it allowed was for `purpose` until then.
    """

    format: str
    file: str
    bytes: int
    sha256: str
    sm3: str | None
    whole: bool
    camera: str
    camera_name: str
    stream: str
    recording: int = 1
    asked: dict[str, str]
    holds: dict[str, str | int]
    missing: list[dict[str, str]]
    missing_s: float
    damaged_fragments_left_out: int
    from_device: list[dict[str, str]]
    overlapping_footage_left_out: bool
    pictures: str
    sound: str
    masks: str
    clock_error_us: int | None
    clock_beyond_limit: bool
    clock_set_within: bool
    camera_clock_ahead_us: list[int] | None
    camera_clock_beyond_limit: bool | None
    exported_by: str
    unit: str
    approved_by: str
    reason: str
    document: str
    use_ticket: str
    case: str
    purpose: str
    legal_basis: str
    ticket_until: str
    request: str
    linked_from: ClipOrigin | None = None
    taken_at: str
    node: str
    platform: str
