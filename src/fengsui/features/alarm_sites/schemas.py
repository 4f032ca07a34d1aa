"""Shapes of protected places, and of the card that stands beside an alarm."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from fengsui.features.alarm_sites.model import MOST_CONTACTS, MOST_HOSTS, MOST_MARKS, Contact, ContactRole, SiteKind

_PLAIN = r"^[^\x00-\x1f\x7f]*$"
_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
AreaCode = Annotated[str, Field(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=64, pattern=_PLAIN)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=128, pattern=_PLAIN)]
Person = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=_PLAIN)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=32, pattern=r"^[0-9+() ,/*#-]*$")]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000, pattern=_LINES)]
Plan = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000, pattern=_LINES)]
Account = Annotated[str, StringConstraints(to_upper=True, min_length=3, max_length=16, pattern=r"^[0-9A-Fa-f]+$")]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Share = Annotated[float, Field(ge=0, le=1)]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SiteContact(_Strict):
    """Somebody to call. `has_key`: opens the door."""

    role: ContactRole = "other"
    name: Person
    phone: Phone
    has_key: bool = False

    @property
    def kept(self) -> Contact:
        """As it is kept."""
        return Contact(self.role, self.name, self.phone, self.has_key)


class AlarmSiteOrder(_Strict):
    """A protected place. `area`: whose people keep it, empty: the node's own. `contacts`: in the order to call. `note`: for
    whoever goes there; `plan`: what is done; `procedure`: that is proposed for its alarms. `hosts`: accounts of the alarm hosts in
    it. Position in WGS-84.
    """

    name: Name
    kind: SiteKind
    area: AreaCode = ""
    address: Line = ""
    longitude: Longitude | None = None
    latitude: Latitude | None = None
    contacts: Annotated[list[SiteContact], Field(max_length=MOST_CONTACTS)] = []
    note: Note = ""
    plan: Plan = ""
    hosts: Annotated[list[Account], Field(max_length=MOST_HOSTS)] = []
    procedure: Number | None = None

    @field_validator("hosts")
    @classmethod
    def _once(cls, given: list[str]) -> list[str]:
        if len(set(given)) < len(given):
            raise ValueError("each is named once")
        return given

    @model_validator(mode="after")
    def _both_degrees(self) -> AlarmSiteOrder:
        if (self.longitude is None) != (self.latitude is None):
            raise ValueError("longitude and latitude go together")
        return self


class AlarmSiteChange(AlarmSiteOrder):
    """`version`: as whoever asks has seen it; when it is another by now, nothing is changed."""

    version: Number


class AlarmSiteEntry(BaseModel):
    """A place in a list, without whom one calls there. `hosts`: accounts. `distrusted`: its row was changed past the node; no
    alarm shows it until it is removed and entered anew."""

    id: int
    name: str
    kind: SiteKind
    area: str
    area_name: str
    address: str
    longitude: float | None
    latitude: float | None
    hosts: list[str]
    version: int
    changed_at: datetime
    changed_by: str
    distrusted: bool


class AlarmSitePage(BaseModel):
    """Kindergartens and schools first, then by name. `next`: of those that follow."""

    items: list[AlarmSiteEntry]
    next: str | None
    total: int


class SiteMark(_Strict):
    """Where an alarm point stands on a plan: from its left and its top, 0 to 1. `zone`: as its host has it."""

    account: Account
    zone: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,8}$")]
    x: Share
    y: Share


class SitePlanChange(_Strict):
    """A plan's name and marks. `version`: of the place, as whoever asks has seen it."""

    name: Line = ""
    marks: Annotated[list[SiteMark], Field(max_length=MOST_MARKS)] = []
    version: Number


class SiteMarkShown(SiteMark):
    """`rings`: the alarm beside which it is shown is of this point."""

    name: str
    rings: bool = False


class SitePlan(BaseModel):
    """`picture`: by which it is asked for."""

    picture: str
    name: str
    marks: list[SiteMarkShown]


class SitePoint(BaseModel):
    """An alarm point of a host in the place."""

    account: str
    zone: str
    name: str
    kind: str


class AlarmSiteDetails(AlarmSiteEntry):
    """With whom one calls there, in that order, and what is done. `procedure_name`: empty where it is gone, or holds there no
    longer."""

    contacts: list[SiteContact]
    note: str
    plan: str
    plans: list[SitePlan]
    points: list[SitePoint]
    procedure: int | None
    procedure_name: str


class SiteCard(BaseModel):
    """The place that an alarm comes from, for whoever sees the alarm."""

    id: int
    name: str
    kind: SiteKind
    address: str
    longitude: float | None
    latitude: float | None
    contacts: list[SiteContact]
    note: str
    plan: str
    plans: list[SitePlan]


class AlarmSiteAt(BaseModel):
    """`site`: null where nobody entered its host in a place."""

    site: SiteCard | None
