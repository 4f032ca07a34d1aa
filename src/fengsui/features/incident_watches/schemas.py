"""Shapes of watches."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from fengsui.features.incident_watches.model import MOST_CAMERAS

Code = Annotated[str, Field(pattern=r"^[0-9]{20}$")]


class IncidentWatchOrder(BaseModel):
    """To whom, by the id of the user; which pictures, in the order of the tiles; for how long."""

    user: Annotated[int, Field(ge=1, le=2**31 - 1)]
    cameras: Annotated[list[Code], Field(max_length=MOST_CAMERAS)] = []
    minutes: Annotated[int, Field(ge=5, le=24 * 60)] = 120


class IncidentWatcher(BaseModel):
    """Somebody who could be given one."""

    user_id: int
    name: str
    full_name: str
    unit: str


class IncidentWatchShape(BaseModel):
    """One that is in force."""

    id: int
    user_id: int
    name: str
    made_by: str
    made_at: datetime
    until: datetime
    cameras: list[str]


class WatchedCamera(BaseModel):
    """A camera whose picture the caller may open now."""

    camera: str
    name: str
    longitude: float | None
    latitude: float | None
    streams: list[Literal["main", "sub"]]


class IncidentWatchList(BaseModel):
    """For who leads the incident: to whom one can be given, and the cameras of its alarms; empty for others."""

    items: list[IncidentWatchShape]
    candidates: list[IncidentWatcher]
    cameras: list[WatchedCamera]


class OwnIncidentWatch(IncidentWatchShape):
    """The caller's own. `seen`: its cameras; `withheld`: how many of them the caller's post does not hold."""

    seen: list[WatchedCamera]
    withheld: int
