"""Shapes of the shift log, standing orders and handovers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from fengsui.features.duty.log_model import EntryKind


class LogOrder(BaseModel):
    """Something to write down. `corrects`: the number of the entry that this one puts right, else 0."""

    kind: EntryKind
    text: Annotated[str, Field(min_length=2, max_length=4000)]
    corrects: Annotated[int, Field(ge=0)] = 0


class LogEntry(BaseModel):
    """What somebody wrote on duty. `number`: of the centre, without a gap. `text_en`: of what the node wrote, else empty."""

    number: int
    shift: int
    user_id: int
    name: str
    at: datetime
    kind: EntryKind
    text: str
    text_en: str
    corrects: int


class LogPage(BaseModel):
    """The newest first. `next`: what to ask for as `cursor`."""

    items: list[LogEntry]
    next: int | None


class OrdersOrder(BaseModel):
    """The whole text of the next version."""

    text: Annotated[str, Field(min_length=2, max_length=20_000)]


class OrdersShape(BaseModel):
    """A version of the standing orders; 0: there are none."""

    version: int
    text: str
    name: str
    at: datetime | None


class OrdersList(BaseModel):
    """The newest first."""

    items: list[OrdersShape]


class DownShape(BaseModel):
    """A device that is not in order. `since`: when it was last heard."""

    code: str
    name: str
    state: str
    since: datetime | None


class TookShape(BaseModel):
    """How long something took: half of all no longer than `median_s`, 95 of 100 no longer than `late_s`."""

    median_s: int
    late_s: int


class ShiftFiguresShape(BaseModel):
    """What came and what was done where the centre answers, during the shift, by all who sit there together, as whoever handed
    over may see it. Alarms: `came`, `taken`, verified `real`, `false`, `unclear`; `claim`: until somebody took them; `verify`: from
    then until they were verified. Incidents `opened`, `closed`; tasks `sent`, `done`; cameras `watched` on video patrol. Alarms and
    tasks from a day before the shift on are counted."""

    since: datetime
    until: datetime
    came: int
    taken: int
    real: int
    false: int
    unclear: int
    claim: TookShape | None
    verify: TookShape | None
    opened: int
    closed: int
    sent: int
    done: int
    watched: int


class HandoverShape(BaseModel):
    """What passed with a seat. `accepted_at`: null while it is offered. `figures`: of the shift, as they were when it was offered;
    null: none were kept then."""

    id: int
    seat: int
    from_name: str
    to_name: str
    orders: int
    entry: int
    down: list[DownShape]
    down_in_all: int
    matters: list[str]
    remarks: str
    offered_at: datetime
    accepted_at: datetime | None
    figures: ShiftFiguresShape | None


class HandoverList(BaseModel):
    """The newest first."""

    items: list[HandoverShape]


class MatterShape(BaseModel):
    """Something open that is handed over by name."""

    id: str
    zh: str
    en: str


class PassingShape(BaseModel):
    """What a successor reads and acknowledges: the offer, the standing orders of now, the centre's newest log entries."""

    handover: HandoverShape
    orders: OrdersShape
    log: list[LogEntry]
    uses: list[MatterShape]
    """Use tickets that whoever hands over still holds: accepted by name as open matters are, and theirs as before."""
