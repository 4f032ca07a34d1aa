"""Shapes of completeness."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from fengsui.features.completeness.model import Cause


class MissingShape(BaseModel):
    """Seconds that are missing, by what the node saw: `device` offline, the `node` down or overrun, no `disk` that takes footage,
    no picture over the `line` though the device is there; `unknown` is what nobody saw."""

    device: float = 0
    node: float = 0
    disk: float = 0
    line: float = 0
    unknown: float = 0


class RecordedDay(BaseModel):
    """A day of the node's zone. Seconds; gaps of up to 30 s are none."""

    day: str
    due_s: float
    recorded_s: float
    filled_s: float = Field(description="Of what is recorded: fetched from the device, which alone had it.")
    gaps: int
    missing: MissingShape


class RecordedDays(BaseModel):
    """A camera's days with a plan, ascending; today up to a moment ago."""

    camera: str
    since: str = Field(description="The first day that was asked for.")
    today: str
    items: list[RecordedDay]


class GapPart(BaseModel):
    """A part of a gap, with its cause."""

    cause: Cause
    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")


class GapShape(BaseModel):
    """Due and not recorded for more than 30 s."""

    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")
    parts: list[GapPart]


class GapList(BaseModel):
    """What is missing of one camera's day, ascending. `footage_gone`: some of the day was removed after it was reckoned, so that
    its gaps are no longer told from what was deleted; then none is listed, and the day's sums are as they were."""

    camera: str
    day: str
    footage_gone: bool
    items: list[GapShape]


class AreaDay(BaseModel):
    """An area's day: cameras with a plan, how many lack nothing, and their sums in seconds."""

    day: str
    cameras: int
    whole: int
    due_s: float
    recorded_s: float
    filled_s: float
    missing: MissingShape


class RecordedArea(BaseModel):
    """One row: an area and its days, ascending."""

    area: str
    name: str
    days: list[AreaDay]


class RecordedAreas(BaseModel):
    """Areas below the one that was asked for, as reckoned a few minutes ago at most."""

    area: str
    since: str
    today: str
    items: list[RecordedArea]


class LackingCamera(BaseModel):
    """A camera and what it lacks of a day."""

    camera: str
    name: str
    area: str
    area_name: str
    day: RecordedDay


class LackingCameras(BaseModel):
    """The cameras of a day that lack the most, the worst first; at most so many as were asked for."""

    area: str
    day: str
    items: list[LackingCamera]
