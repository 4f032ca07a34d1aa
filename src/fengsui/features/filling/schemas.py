"""Shapes of filling."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from fengsui.features.filling.model import Why


class FillShape(BaseModel):
    """A gap of the node's footage and what its device gave for it. `state`: `running` now, `due` (again at `next_at`), `done`.

    `why`: `filled`: all is there; else why it is as it is: the device has `nothing` more, is `offline`, `unanswered`, `refused`,
    sends less than it lists (`not_sent`), with time stamps that say nothing (`scaled`), of `other_time`, or leaps (`leap`); this
    node's `disk`, or the `node` itself. `filled_s`: seconds that became footage, marked as from the device; its clock told them.
    """

    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")
    stream: Literal["main", "sub"]
    state: Literal["running", "due", "done"]
    attempts: int
    next_at: datetime | None
    filled_s: float
    bytes: int
    why: Why
    mine: bool = Field(description="One asked for it oneself; else the node, because it was due.")


class FetchOrder(BaseModel):
    """What is to be fetched of a device's recording: a use ticket must cover all of it. What the node has of it already is not
    fetched again. `stream`: whose footage it becomes, and what the node has of it.
    """

    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime = Field(alias="to")
    stream: Literal["main", "sub"] = "main"


class FillList(BaseModel):
    """Of one camera's day, ascending."""

    camera: str
    day: str
    items: list[FillShape]
