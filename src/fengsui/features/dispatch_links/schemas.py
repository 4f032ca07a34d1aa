"""Shapes of links, and of the messages between two systems."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from fengsui.features.dispatch_links.model import LONGEST_URL, JobState, News
from fengsui.features.incidents import IncidentKind

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
LinkName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,15}$")]
AreaCode = Annotated[str, Field(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]


class DispatchLinkOrder(BaseModel):
    """Another system that is told. `name`: that of the source by which it reports to us, where it does; `news`: of incidents
    (`opened`, `changed`, `closed`), or `alarms`, or `forwarded`: alarms that rules forward, or `upper`: another node of this kind,
    which gets what rules forward and the alarms that waited here to the last; then `url` is the alarm intake of its source for this
    node, and `secret` that source's. `area`: nothing elsewhere is sent, empty: the node's own; `least_urgent`: nor what is less
    urgent, but for what rules forward. `secret`: one that the other system made; empty: the node makes it.
    """

    name: LinkName
    title: Title
    url: Annotated[str, Field(min_length=8, max_length=LONGEST_URL, pattern=r"^[\x21-\x7e]*$")]
    area: AreaCode = ""
    news: Annotated[list[News], Field(min_length=1, max_length=len(News))]
    least_urgent: Annotated[int, Field(ge=1, le=4)] = 3
    secret: Annotated[str, Field(max_length=128, pattern=r"^([\x21-\x7e]{16,})?$")] = ""


class DispatchLinkSwitch(BaseModel):
    """Whether anything is sent there."""

    on: bool


class DispatchLinkSettle(BaseModel):
    """What becomes of what is set aside: it is sent again, or left out."""

    do: Literal["send", "leave-out"]


class DispatchLinkShape(BaseModel):
    """A link, and what came of it. `waiting`: how much is to be sent; `failures`: attempts in vain since the last success, the
    first at `failed_since`; `fault`: why. `set_aside`: how much of it the other system refused ten times in a row by an answer that
    will not change (4xx but 401, 403, 408, 425, 429), the first at `set_aside_since`, the last because of `set_aside_why`: it waits
    for a person, and what is behind it goes on. `distrusted`: its row was changed past the node, and nothing is sent there until it
    is removed and entered anew.
    """

    id: int
    name: str
    title: str
    url: str
    area: str
    area_name: str
    news: list[News]
    least_urgent: int
    on: bool
    made_at: datetime
    sent: int
    sent_at: datetime | None
    waiting: int
    failures: int
    failed_since: datetime | None
    fault: str
    set_aside: int
    set_aside_since: datetime | None
    set_aside_why: str
    distrusted: bool


class DispatchLinkMade(BaseModel):
    """`secret`: told now and never again."""

    link: DispatchLinkShape
    secret: str


class DispatchLinkPage(BaseModel):
    """By name."""

    items: list[DispatchLinkShape]


class JobReport(BaseModel):
    """A job of another system, or where one stands. `number`: its own; the first message of a number is a job, which becomes an
    incident once, and says where it is; later ones tell its state. `yours`: the number that we gave it, or sent it; then it is
    about that incident. `area`: within the source's; empty: the source's. Degrees in WGS-84. There is no field for callers or
    other persons, and a field that is not here is refused.
    """

    model_config = ConfigDict(extra="forbid")
    number: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,64}$")]
    yours: Annotated[str, Field(max_length=24, pattern=r"^[0-9A-Za-z-]*$")] = ""
    state: JobState = JobState.RECEIVED
    type: IncidentKind = IncidentKind.OTHER
    area: AreaCode = ""
    place: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    text: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")
    ] = ""
    priority: Annotated[int, Field(ge=1, le=4)] = 2
    time: AwareDatetime | None = None

    @model_validator(mode="after")
    def _both_degrees(self) -> JobReport:
        if (self.longitude is None) != (self.latitude is None):
            raise ValueError("longitude and latitude go together")
        return self


class JobTaken(BaseModel):
    """It is on disk. `number`: ours. The same answer for what is sent again. A try is about none (0)."""

    number: str
    incident: int
    received_at: datetime
