"""Shapes of what is found in footage."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from fengsui.features.finding.model import MOST_POINTS, SearchState, StreamKind


class BusyShape(BaseModel):
    """Something moved, without a pause. `peak`: its highest level, 25 to 100."""

    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")
    peak: int


class ActivityShape(BaseModel):
    """How much moves in a camera's footage, against how quiet it is around that time.

    `levels`: the highest of each of the equal parts of the time, 0 to 100, each doubling a step of 25; -1: no footage. `busy`:
    when it was 25 or more, ascending; times that are near to each other are one.
    """

    camera: str
    stream: StreamKind
    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")
    levels: list[int]
    busy: list[BusyShape]


class CornerShape(BaseModel):
    """Shares of the picture's width and height, from its upper left corner."""

    x: Annotated[float, Field(ge=0, le=1)]
    y: Annotated[float, Field(ge=0, le=1)]


class ChangesOrder(BaseModel):
    """When did this place change? A use ticket must cover all of the time, of eight days at most."""

    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime = Field(alias="to")
    region: Annotated[list[CornerShape], Field(min_length=3, max_length=MOST_POINTS)]
    stream: StreamKind = "main"


class ChangeShape(BaseModel):
    """The place looked one way at `before` and another at `after`.

    `lasting`: these are neighbouring key frames, and it stayed so. `passing`: at `until` it looked as before again; the times are
    those at which it was looked at. `share`: of the region. What has changed, and who was there, it does not say.
    """

    kind: Literal["lasting", "passing"]
    before: datetime
    after: datetime
    until: datetime
    share: float


class ChangesShape(BaseModel):
    """A search and what it has found so far, in the order of time.

    `state`: `waiting` for others, `running`, `done`, `too_many` changes to go on, `failed`, `ended`. `step_s`: between the key
    frames that are compared at first; what comes and goes in between is not found. `done`: share of the time; `left_s`: as far as
    can be said. `away`: times that the second tier did not give a key frame.
    """

    search: str
    camera: str
    stream: StreamKind
    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")
    region: list[CornerShape]
    use_ticket: str
    state: SearchState
    step_s: float
    done: float
    left_s: float | None
    looked: int
    away: int
    items: list[ChangeShape]
