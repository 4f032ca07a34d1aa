"""The shift log, the standing orders of a centre, and what passes with a seat. Pure. Appraisal sheet, 5.4."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from fengsui.errors import OperatorFault

MOST_DOWN: Final = 200
"""Devices that one handover names; how many more there are, it says as well."""


class EntryKind(StrEnum):
    """What an entry of the log is about."""

    ALARM = "alarm"
    ORDER = "order"
    FAULT = "fault"
    PATROL = "patrol"
    VISITOR = "visitor"
    USE_REQUEST = "use-request"
    OTHER = "other"


class Entry(NamedTuple):
    """Something written down on duty. It is never changed: a correction is another entry, `corrects` its number, else 0."""

    centre: int
    number: int
    """Of the centre, without a gap."""
    shift: int
    user_id: int
    name: str
    at: float
    kind: EntryKind
    text: str
    corrects: int = 0

    @property
    def mark(self) -> str:
        """As audit records name it."""
        return f"L{self.centre}-{self.number}"

    @property
    def digest(self) -> str:
        """SHA-256 of what it says, for the record: whoever changes the row is found out."""
        said = "\n".join((self.mark, str(self.user_id), f"{self.at:.3f}", self.kind.value, str(self.corrects), self.text))
        return hashlib.sha256(said.encode()).hexdigest()


class Orders(NamedTuple):
    """The standing orders of a centre. `version` 0: there are none."""

    version: int
    text: str
    name: str
    at: float


NO_ORDERS: Final = Orders(0, "", "", 0.0)


class Down(NamedTuple):
    """A device that is not in order. `state`: `offline` or `fault`; `since`: last heard, 0 when it never was."""

    code: str
    name: str
    state: str
    since: float


class Took(msgspec.Struct, frozen=True):
    """How long something took: half of all no longer than the one, 95 of 100 no longer than the other."""

    median_s: int
    late_s: int


class ShiftFigures(msgspec.Struct, frozen=True):
    """What came and what was done where a centre answers, during one shift, by all who sit there together.

    Alarms: `came`, `taken` by somebody, verified as `real`, `false` or `unclear`; `claim`: until somebody took them; `verify`: from
    then until they were verified. Incidents `opened` and `closed`; tasks `sent` and `done`; cameras `watched` on video patrol."""

    since: float
    until: float
    came: int
    taken: int
    real: int
    false: int
    unclear: int
    claim: Took | None
    verify: Took | None
    opened: int
    closed: int
    sent: int
    done: int
    watched: int


class Handover(NamedTuple):
    """What passed with a seat, and who signed for it. `accepted_at` 0: it is offered."""

    id: int
    centre: int
    shift: int
    seat: int
    from_user: int
    from_name: str
    to_user: int
    to_name: str
    orders: int
    """The version of the standing orders."""
    down: tuple[Down, ...]
    down_in_all: int
    matters: tuple[str, ...]
    remarks: str
    offered_at: float
    accepted_at: float = 0.0
    entry: int = 0
    """The last entry of the log that the successor has seen."""
    figures: ShiftFigures | None = None
    """Of the shift, as it was offered; None: before they were kept."""


class UnknownEntry(OperatorFault):
    """One corrects what is there."""

    code = "duty.unknown_entry"
    status = 404
    zh = "值班日志中没有第 {number} 条"
    en = "The log has no entry {number}"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


class NotHere(OperatorFault):
    """The log is written, and read, by whoever sits there."""

    code = "duty.not_here"
    rule = "5.4"
    status = 403
    zh = "您不在“{centre}”值班"
    en = "You are not on duty at {centre}"
    remedy_zh = "签到或接班后可记录、查阅该中心的值班日志;监督查阅由值班长、督察或审计人员进行"
    remedy_en = "Sign on or take a seat over there; otherwise a duty supervisor, inspector or the audit office reads it"


class NotAcknowledged(OperatorFault):
    """Whoever takes a seat over knows what passes with it."""

    code = "duty.not_acknowledged"
    rule = "5.4"
    status = 409
    zh = "尚未确认知悉:{what_zh}"
    en = "Not acknowledged: {what_en}"
    remedy_zh = "请阅读后逐项确认;内容有更新的,请重新打开"
    remedy_en = "Read and acknowledge each; open it again where something was added meanwhile"
