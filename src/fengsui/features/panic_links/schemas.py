"""Shapes of panic links, and of what their pages send and are told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from fengsui.features.panic_links.model import State

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=32, pattern=r"^[0-9+() ,/*#-]*$")]
AreaCode = Annotated[str, Field(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]


class PanicLinkOrder(BaseModel):
    """A place where somebody may press for help. `holder`: who has the link; `phone`: where somebody there answers; `area`: whose
    people see its alarms, empty: the node's own; `camera`: the code of the one that looks there. Position in WGS-84.
    """

    place: Line
    holder: Line
    phone: Phone = ""
    area: AreaCode = ""
    camera: Annotated[str, Field(pattern=r"^([0-9]{20})?$")] = ""
    longitude: Longitude | None = None
    latitude: Latitude | None = None

    @model_validator(mode="after")
    def _both_degrees(self) -> PanicLinkOrder:
        if (self.longitude is None) != (self.latitude is None):
            raise ValueError("longitude and latitude go together")
        return self


class PanicLinkShape(BaseModel):
    """A link, never its token. `camera`: empty as well where one may not see it. `distrusted`: its row was changed past the node,
    and its presses are refused until it is removed and made anew. `tried_at`: when it was tried last.
    """

    id: int
    place: str
    holder: str
    phone: str
    area: str
    area_name: str
    camera: str
    longitude: float | None
    latitude: float | None
    on: bool
    made_at: datetime
    presses: int
    pressed_at: datetime | None
    tried_at: datetime | None
    distrusted: bool


class PanicLinkMade(BaseModel):
    """`token`: told now and never again. The page's address is `/panic#` and the token."""

    link: PanicLinkShape
    token: str


class PanicLinkSwitch(BaseModel):
    """On, or off."""

    on: bool


class PanicLinkPage(BaseModel):
    """By place."""

    items: list[PanicLinkShape]


class PanicPress(BaseModel):
    """A press. `key`: the same when it is sent again; `pressed_at`: by the phone's own clock. `trial`: it is for the record, and
    rings nowhere.
    """

    model_config = ConfigDict(extra="forbid")
    key: Annotated[str, Field(pattern=r"^[\x21-\x7e]{8,64}$")]
    pressed_at: AwareDatetime | None = None
    longitude: Longitude | None = None
    latitude: Latitude | None = None
    accuracy_m: Annotated[float, Field(ge=0, le=1e7)] | None = None
    text: Annotated[str, Field(max_length=100)] = ""
    trial: bool = False

    @model_validator(mode="after")
    def _both_degrees(self) -> PanicPress:
        if (self.longitude is None) != (self.latitude is None):
            raise ValueError("longitude and latitude go together")
        return self


class PanicPlace(BaseModel):
    """Where one is, and what the desk does about the newest alarm of this link: `none`, `waiting`, `taken`, `closed`."""

    place: str
    state: State
    received_at: datetime | None


class PanicTaken(BaseModel):
    """The alarm is on disk. The same answer for what is sent again."""

    received_at: datetime
    trial: bool
