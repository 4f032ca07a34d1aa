"""Shapes of recording plans and footage."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from fengsui.features.recording.model import Mode, StreamKind


class RecordingPlan(BaseModel):
    """What of a camera is recorded: `always` without a pause, or `off`."""

    mode: Mode
    stream: StreamKind = "main"


class RecordingShape(BaseModel):
    """A camera's plan and how far it is carried out.

    `recording`: pictures are being taken now. `safe_until`: everything that was taken up to then is on disk. `lost_fragments`:
    groups of pictures since the start of the node that no folder took.
    """

    camera: str
    mode: Mode
    stream: StreamKind
    since: datetime | None
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
