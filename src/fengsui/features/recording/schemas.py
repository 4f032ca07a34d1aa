"""Shapes of recording plans and footage."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from fengsui.features.recording.model import Mode, StreamKind

TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
END = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"


class HoursShape(BaseModel):
    """Hours of the node's day. `days`: 1 is Monday, 8 a holiday; an end that is no later than the begin lies on the day after."""

    days: Annotated[list[Annotated[int, Field(ge=1, le=8)]], Field(min_length=1, max_length=8)]
    since: Annotated[str, Field(alias="from", pattern=TIME)]
    until: Annotated[str, Field(alias="to", pattern=END)]


class RecordingPlan(BaseModel):
    """What of a camera is recorded: `always` without a pause, by `schedule`, or `off`."""

    mode: Mode
    stream: StreamKind = "main"
    hours: Annotated[list[HoursShape], Field(max_length=32)] = []


class RecordingShape(BaseModel):
    """A camera's plan and how far it is carried out.

    `due`: it records at this hour. `recording`: pictures are being taken now. `safe_until`: everything that was taken up to then
    is on disk. `lost_fragments`: groups of pictures since the start of the node that no folder took.
    """

    camera: str
    mode: Mode
    stream: StreamKind
    hours: list[HoursShape]
    since: datetime | None
    due: bool
    recording: bool
    safe_until: datetime | None
    lost_fragments: int


class FootageSpanShape(BaseModel):
    """Footage without a gap."""

    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")


class FootageList(BaseModel):
    """Where there is footage of a camera, ascending, cut at the times that were asked for."""

    camera: str
    stream: StreamKind
    items: list[FootageSpanShape]
