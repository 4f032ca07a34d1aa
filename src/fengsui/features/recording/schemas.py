"""Shapes of recording plans and footage."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from fengsui.features.recording.model import (
    AFTER_S,
    BEFORE_S,
    LEAST_AFTER_S,
    MOST_AFTER_S,
    MOST_AT_ONCE_S,
    MOST_BEFORE_S,
    Cause,
    Mode,
    State,
    StreamKind,
)

TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
END = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"


class HoursShape(BaseModel):
    """Hours of the node's day. `days`: 1 is Monday, 8 a holiday; an end that is no later than the begin lies on the day after."""

    days: Annotated[list[Annotated[int, Field(ge=1, le=8)]], Field(min_length=1, max_length=8)]
    since: Annotated[str, Field(alias="from", pattern=TIME)]
    until: Annotated[str, Field(alias="to", pattern=END)]


class StreamPlan(BaseModel):
    """How one stream of a camera is recorded: `always` without a pause, by `schedule`, on `event`, or `off`.

    On event: `before_s` of the time before it are held in memory until it comes; `after_s` follow the last of several.
    """

    mode: Mode
    hours: Annotated[list[HoursShape], Field(max_length=32)] = []
    before_s: Annotated[int, Field(ge=0, le=MOST_BEFORE_S)] = BEFORE_S
    after_s: Annotated[int, Field(ge=LEAST_AFTER_S, le=MOST_AFTER_S)] = AFTER_S


class RecordingPlan(StreamPlan):
    """What of a camera is recorded. Days of recording are reckoned by the plan of `stream`; off: nothing of the camera is recorded.

    `other`: of the stream that is not `stream`, beside it; left out: as it was, unless `stream` is now the one it was for.
    """

    stream: StreamKind = "main"
    other: StreamPlan | None = None


class RecordNow(BaseModel):
    """Somebody sees something. `seconds`: so long from now on; else as long as the plan says after an event."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    seconds: Annotated[int, Field(ge=LEAST_AFTER_S, le=MOST_AT_ONCE_S)] | None = None


class EventShape(BaseModel):
    """Why a camera is recorded now: what happened first, when, and until when that is recorded."""

    cause: Cause
    at: datetime
    until: datetime


class StreamRecordingShape(BaseModel):
    """The plan of one stream of a camera and how far it is carried out.

    `state`: in one word. `due`: what comes now is to be on disk. `recording`: pictures are being kept now. `safe_until`: everything
    that was kept up to then is on disk. `lost_fragments`: groups of pictures since the start of the node that no folder took.
    `held_since`: from then on the time before an event is in memory; `held_short`: less than the plan says, for a bound is reached.
    """

    mode: Mode
    stream: StreamKind
    hours: list[HoursShape]
    before_s: int
    after_s: int
    state: State
    event: EventShape | None
    held_since: datetime | None
    held_short: bool
    since: datetime | None
    due: bool
    recording: bool
    safe_until: datetime | None
    lost_fragments: int


class RecordingShape(StreamRecordingShape):
    """A camera's plan and how far it is carried out. `other`: the same of its other stream, where that one has a plan."""

    camera: str
    other: StreamRecordingShape | None


class FootageSpanShape(BaseModel):
    """Footage without a gap."""

    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")


class TwiceShape(FootageSpanShape):
    """Moments that the node recorded more than once, for its clock was set back. `times`: at most so often."""

    times: int


class FootageList(BaseModel):
    """Where there is footage of a camera, ascending, cut at the times that were asked for; `from_device`: what of that the device
    recorded, and was fetched afterwards; `twice`: what is there more than once (`recording` of openPlayback chooses).
    `filled_percent`: so far the index of footage is filled, what it lacks is not listed yet; null where it has all. Of `source`
    `device` it is what the device says that it has; not `whole`: more may be there than is listed.
    """

    camera: str
    stream: StreamKind
    items: list[FootageSpanShape]
    from_device: list[FootageSpanShape]
    twice: list[TwiceShape]
    filled_percent: int | None
    source: Literal["node", "device"] = "node"
    whole: bool = True


class PastEventShape(BaseModel):
    """Something happened at a camera, and was recorded for it. `at`: the first of it; `from`, `to`: what is recorded for it."""

    cause: Cause
    at: datetime
    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")


class PastEventList(BaseModel):
    """What happened at a camera, ascending. Not `whole`: only the last ones of the time asked for."""

    camera: str
    items: list[PastEventShape]
    whole: bool
