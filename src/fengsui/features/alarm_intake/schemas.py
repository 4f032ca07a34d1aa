"""Shapes of alarm sources, and of what they report."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from fengsui.features.alarm_intake.model import MOST_CAMERAS
from fengsui.wire.dc09.codes import Category

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
SourceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,15}$")]
AreaCode = Annotated[str, Field(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]
LONGEST_SUPERVISION_S = 604_800
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class AlarmReport(BaseModel):
    """One alarm of another system. `id`: its own; what is sent again has the same and says the same, octet for octet.

    `change`: `restored` ends what was told of the same point (or place) and type. `priority`: 1 (lives are at stake) to 4 (for the
    record); without it the type decides, and the source's bound holds in either case. `time`: with its zone. `point`: of the
    sender's own numbering; alarms of one point and type count together while one is open, without one those of one position or
    place. Position in WGS-84. `area`: within the source's; empty: the source's. `cameras`: up to 8 that look there; one that is
    unknown or elsewhere is left out, and the alarm is taken all the same. Of `text`, 256 characters are kept.
    """

    model_config = ConfigDict(extra="forbid")
    id: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,128}$")]
    type: Category
    change: Literal["new", "restored"] = "new"
    priority: Annotated[int, Field(ge=1, le=4)] | None = None
    time: AwareDatetime | None = None
    area: AreaCode = ""
    point: Annotated[str, Field(max_length=32)] = ""
    place: Annotated[str, Field(max_length=128)] = ""
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    text: Annotated[str, Field(max_length=4000)] = ""
    event: Annotated[str, Field(max_length=16)] = ""
    cameras: Annotated[list[Annotated[str, Field(pattern=r"^[0-9]{20}$")]], Field(max_length=MOST_CAMERAS)] = []

    @field_validator("time")
    @classmethod
    def _of_our_days(cls, value: datetime | None) -> datetime | None:
        if value is not None and not EARLIEST <= value < LATEST:
            raise ValueError("a time between the years 2000 and 2200")
        return value

    @model_validator(mode="after")
    def _both_degrees(self) -> AlarmReport:
        if (self.longitude is None) != (self.latitude is None):
            raise ValueError("longitude and latitude go together")
        return self


class AlarmTaken(BaseModel):
    """The alarm is on disk. The same answer for what is sent again. `left_out`: cameras that are not shown with it."""

    alarm: int
    received_at: datetime
    left_out: list[str]


class AlarmSourceOrder(BaseModel):
    """A system that may report. `name`: by which it is addressed; `area`: nothing it reports is elsewhere, empty: the node's own;
    `kinds`: what it may report, none named: all; `most_urgent`: its alarms are no more urgent, whatever it says. `jobs`: a
    command-and-dispatch system, whose jobs become incidents; it reports no alarms.
    """

    name: SourceName
    title: Title
    area: AreaCode = ""
    kinds: Annotated[list[Category], Field(max_length=len(Category))] = []
    most_urgent: Annotated[int, Field(ge=1, le=4)] = 1
    jobs: bool = False
    supervision_s: Annotated[int, Field(ge=0, le=LONGEST_SUPERVISION_S)] = 0
    """It reports, or says by a try that it is there, at least so often: else that is an alarm. 0: it may be silent."""

    @model_validator(mode="after")
    def _one_or_the_other(self) -> AlarmSourceOrder:
        if self.jobs and self.kinds:
            raise ValueError("a source of jobs reports no alarms of any kind")
        return self


class AlarmSourceShape(BaseModel):
    """A source, and what came of it. `refused`: signed rightly and not taken; `unproven`: in its name, and not signed by it;
    `fault`: code of the last of these. `distrusted`: its row was changed past the node, and nothing that it says is taken until it
    is removed and entered anew.
    """

    id: int
    name: str
    title: str
    area: str
    area_name: str
    kinds: list[Category]
    most_urgent: int
    jobs: bool
    supervision_s: int
    made_at: datetime
    heard_at: datetime | None
    taken: int
    repeated: int
    refused: int
    unproven: int
    fault_at: datetime | None
    fault: str
    distrusted: bool


class AlarmSourceMade(BaseModel):
    """`secret`: told now and never again."""

    source: AlarmSourceShape
    secret: str


class AlarmSourceSecret(BaseModel):
    """Told now and never again."""

    secret: str


class AlarmSourcePage(BaseModel):
    """By name."""

    items: list[AlarmSourceShape]
