"""Shapes of alarm hosts and alarms."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from fengsui.features.alarms.model import MOST_POINTS, PointKind, Protocol

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]*$")]
Account = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{3,16}$")]
AreaCode = Annotated[str, Field(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]
AlarmProtocol = Literal["dc09", "gb28181"]
Change = Literal["new", "restored", "standing"]


class AlarmPointOrder(BaseModel):
    """A zone, a button or a detector. `zone`: its number in the host; `camera`: the code of the one that looks there."""

    zone: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,8}$")]
    name: Line
    kind: PointKind = "zone"
    camera: Annotated[str, Field(pattern=r"^([0-9]{20})?$")] = ""


class AlarmHostOrder(BaseModel):
    """A host as it is set: `account` in hexadecimal digits. With a `key` it is heard encrypted alone; the key is never told again.

    `area`: whose people see its alarms; empty: the node's own.
    """

    account: Account
    protocol: Protocol = "dc09"
    key: Annotated[str, Field(min_length=16, max_length=64)] | None = None
    key_form: Literal["hex", "text"] = "hex"
    site: Line
    area: AreaCode = ""
    points: Annotated[list[AlarmPointOrder], Field(max_length=MOST_POINTS)] = []


class AlarmPointShape(BaseModel):
    """A point. `camera`: empty as well where one may not see it."""

    id: int
    host: int
    account: str
    site: str
    area: str
    area_name: str
    zone: str
    name: str
    kind: PointKind
    camera: str


class AlarmHostShape(BaseModel):
    """A host. `encrypted`: it has a key. `heard_at`: of its last right frame."""

    id: int
    account: str
    protocol: Protocol
    encrypted: bool
    site: str
    area: str
    area_name: str
    made_at: datetime
    heard_at: datetime | None
    points: list[AlarmPointShape]


class AlarmHostPage(BaseModel):
    """By account. `next`: of the page that follows."""

    items: list[AlarmHostShape]
    next: str | None
    total: int


class AlarmPointPage(BaseModel):
    """By account and zone."""

    items: list[AlarmPointShape]
    next: str | None
    total: int


class WaitingAlarmHostShape(BaseModel):
    """An account that reports and that nobody has entered."""

    account: str
    address: str
    transport: str
    encrypted: bool
    first_seen_at: datetime
    last_seen_at: datetime
    attempts: int


class WaitingAlarmHostPage(BaseModel):
    """The newest first."""

    items: list[WaitingAlarmHostShape]


class AlarmOwner(BaseModel):
    """Who sees to an alarm."""

    id: int
    name: str


class AlarmWorkShape(BaseModel):
    """What is done about an alarm.

    `due_at`: when it will have waited too long, as `escalated` says that it did (2: longer than anybody may let it wait).
    `folded`: how many more came of its source while it was open. `active`: its source has not told that it is over.
    """

    state: Literal["open", "claimed", "verified", "closed"]
    owner: AlarmOwner | None
    opened_at: datetime
    claimed_at: datetime | None
    verified_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None
    result: Literal["real", "false", "unclear"] | None
    reason: str | None
    outcome: str | None
    note: str
    escalated: int
    folded: int
    folded_at: datetime | None
    active: bool
    version: int


class AlarmShape(BaseModel):
    """One event of a host or a device. `priority`: 1 (lives are at stake) to 4 (for the record).

    `sent_at` is the host's own time, the others are the node's; `repeats`: how often it was sent again. `zone` or `user`, as the
    code has it. `camera`: empty as well where one may not see it. `known`: whether the code stands in our tables.

    `work`: null where nothing is to be done about it alone: it is for the record, or counts with another (`folded_into`).

    Of a device (`protocol` `gb28181`): `device` and the `zone` that it names are codes; `method`, `alarm_type`, `event_type` and
    `told_priority` are as it says (GB/T 28181-2022 A.2.5.3), so is the position; `account` is empty.
    """

    id: int
    protocol: AlarmProtocol
    account: str
    device: str
    site: str
    area: str
    area_name: str
    section: str
    zone: str
    user: str
    point: str
    point_kind: str
    camera: str
    code_table: Literal["cid", "sia", "gb"]
    code: str
    known: bool
    change: Change
    category: str
    priority: int
    text: str
    sequence: str
    encrypted: bool
    held_back: bool
    sent_at: datetime | None
    received_at: datetime
    last_at: datetime
    repeats: int
    method: int | None
    alarm_type: str
    event_type: str
    told_priority: int | None
    longitude: float | None
    latitude: float | None
    folded_into: int | None
    work: AlarmWorkShape | None


class AlarmPage(BaseModel):
    """The newest first. `next`: of the older ones that follow. Of a queue the most urgent first, and of these whichever waits
    longest; then `total` says how many there are.
    """

    items: list[AlarmShape]
    next: str | None
    total: int | None = None
