"""Shapes of neighbours that this node registers at."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from fengsui.features.upper_platforms.model import MOST_ADDRESSES, MOST_AREAS, MOST_CAMERAS, LinkState

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
Code = Annotated[str, Field(pattern=r"^[0-9]{20}$")]
Host = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[0-9A-Za-z.:-]*$")]
Port = Annotated[int, Field(ge=1, le=65535)]
AreaCode = Annotated[str, Field(pattern=r"^([0-9]{2}){1,3}$")]


def _in_capitals(said: object) -> object:
    return said.upper() if isinstance(said, str) else said


class NeighbourAddress(BaseModel):
    """Where the same platform takes SIP as well; they are tried in their order."""

    model_config = ConfigDict(extra="forbid")
    host: Host
    port: Port = 5060


class NeighbourCamera(BaseModel):
    """A camera that is shared by name. `as_code`, `as_name`: what the platform knows it by; empty: as here."""

    model_config = ConfigDict(extra="forbid")
    code: Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[0-9A-Za-z_.-]*$")]
    as_code: Annotated[str, Field(pattern=r"^([0-9]{20})?$")] = ""
    as_name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""


class NeighbourShare(BaseModel):
    """What it is given: cameras of public space by their area (built by government or by who runs the place); others one by one."""

    model_config = ConfigDict(extra="forbid")
    areas: Annotated[list[AreaCode], Field(max_length=MOST_AREAS)] = []
    cameras: Annotated[list[NeighbourCamera], Field(max_length=MOST_CAMERAS)] = []


class NeighbourOrder(BaseModel):
    """An upper platform, at which this node registers by GB/T 28181. `domain`: its SIP domain, empty: the first ten digits of its
    code; `password`: for the registration, never told again; `more_addresses`: tried in their order when the first does not take
    us; `items`: of a catalogue in one message, 0: 4 by UDP and 100 by TCP.
    """

    model_config = ConfigDict(extra="forbid")
    role: Literal["upper"]
    code: Code
    name: Title
    host: Host
    port: Port = 5060
    more_addresses: Annotated[list[NeighbourAddress], Field(max_length=MOST_ADDRESSES - 1)] = []
    domain: Annotated[str, Field(max_length=64, pattern=r"^([0-9A-Za-z][0-9A-Za-z.-]*)?$")] = ""
    transport: Annotated[Literal["UDP", "TCP"], BeforeValidator(_in_capitals)] = "UDP"
    password: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]*$")]
    keepalive_s: Annotated[int, Field(ge=1, le=300)] = 60
    expires_s: Annotated[int, Field(ge=60, le=604_800)] = 3600
    items: Annotated[int, Field(ge=0, le=1000)] = 0
    share: NeighbourShare = NeighbourShare()


class NeighbourShape(BaseModel):
    """A neighbour, and how this node stands with it. `since`: in this state; `address`: where it took us last; `heard_at`: when it
    answered last; `fault`: why it does not have us. `distrusted`: its row was changed past the node, and nothing is sent there
    until it is removed and entered anew.
    """

    id: int
    role: Literal["upper"]
    code: str
    name: str
    host: str
    port: int
    more_addresses: list[NeighbourAddress]
    domain: str
    transport: Literal["UDP", "TCP"]
    keepalive_s: int
    expires_s: int
    items: int
    share: NeighbourShare
    state: LinkState
    since: datetime
    address: str
    heard_at: datetime | None
    fault: str
    made_at: datetime


class NeighbourList(BaseModel):
    """By name."""

    items: list[NeighbourShape]
