"""Shapes of what is shelved."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from fengsui.features.alarm_shelves.model import ShelfReason
from fengsui.features.alarms import AlarmShape, ShelfScope

Note = Annotated[str, Field(max_length=1_000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]


class AlarmShelfOrder(BaseModel):
    """`alarm`: one of those that are to be shelved. `scope` `point`: what its point reports of the very same; `site`: what its host
    or device reports of the same category; `premises`: all that its host or device reports; `area`: what its whole area reports of
    the third priority. All but the first take the right to manage duty."""

    alarm: Annotated[int, Field(ge=1, le=2**63 - 1)]
    scope: ShelfScope = "point"
    until: AwareDatetime
    reason: ShelfReason
    note: Note = ""


class AlarmShelfLift(BaseModel):
    """Why before its time."""

    note: Note = ""


class AlarmShelfShape(BaseModel):
    """`alarm`: the one that it was made from; null where it is gone. `category`: empty where it holds all. Alarms that
    are more urgent than `priority` pass. `alarms` stand on it, of `signals` in all; at `until` they return to the queue."""

    id: int
    scope: ShelfScope
    area: str
    area_name: str
    category: str
    priority: int
    reason: ShelfReason
    note: str
    since: datetime
    until: datetime
    by: str
    ended_at: datetime | None
    alarms: int
    signals: int
    alarm: AlarmShape | None


class AlarmShelfList(BaseModel):
    """What is shelved now; whatever ends first is first. `at`: by the node's clock; `most_s`: the longest that one may last;
    `most_wide_s`: of whole premises or a whole area."""

    at: datetime
    most_s: float
    most_wide_s: float
    items: list[AlarmShelfShape]
