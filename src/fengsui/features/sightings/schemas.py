"""Shapes of sightings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, model_validator

from fengsui.features.sightings.model import Kind

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
CaseNumber = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
AreaCode = Annotated[str, Field(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]


class SightingOrder(BaseModel):
    """What a person saw: in `footage` (under a use ticket that covers camera and time), in a `live` picture, or `in-person`.

    Its place is the camera's, or `longitude` and `latitude` (CGCS2000); without a camera the area is said too.
    """

    kind: Kind
    at: AwareDatetime
    text: Words
    case_number: CaseNumber = ""
    camera: Annotated[str, Field(max_length=32, pattern=r"^[0-9]*$")] = ""
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    area: AreaCode = ""

    @model_validator(mode="after")
    def _both(self) -> SightingOrder:
        if (self.longitude is None) != (self.latitude is None):
            raise ValueError("longitude and latitude are given together")
        return self


class SightingCorrection(BaseModel):
    """What it should say. Without `at` or `case_number`: as it was; where it was stays."""

    text: Words
    at: AwareDatetime | None = None
    case_number: CaseNumber | None = None


class SightingWithdrawal(BaseModel):
    """Why it holds no longer."""

    reason: Words


class SightingEnd(BaseModel):
    """When, by whom and why it was withdrawn."""

    at: datetime
    by: str
    reason: str


class SightingShape(BaseModel):
    """A person's own note "seen here, then". `camera` empty: of a free place. `own`: one's own."""

    id: int
    kind: Kind
    at: datetime
    text: str
    case_number: str
    camera: str
    longitude: float
    latitude: float
    area: str
    area_name: str
    author: str
    unit: str
    own: bool
    use_ticket: str
    made_at: datetime
    withdrawn: SightingEnd | None


class SightingList(BaseModel):
    """Sightings within one's areas, the newest first. Not `whole`: there are more. `beyond`: so many, of any case, are not told:
    they say what footage shows that no use ticket of one's own opens."""

    items: list[SightingShape]
    whole: bool
    beyond: int
