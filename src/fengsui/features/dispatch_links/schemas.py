"""Shapes of links, and of the messages between two systems."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from fengsui.features.dispatch_links.model import LONGEST_URL, News

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
LinkName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,15}$")]
AreaCode = Annotated[str, Field(max_length=6, pattern=r"^([0-9]{2}){0,3}$")]


class DispatchLinkOrder(BaseModel):
    """Another system that is told. `name`: that of the source by which it reports to us, where it does; `news`: of incidents
    (`opened`, `changed`, `closed`), or `alarms`; `area`: nothing elsewhere is sent, empty: the node's own; `least_urgent`: nor what
    is less urgent. `secret`: one that the other system made; empty: the node makes it.
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


class DispatchLinkShape(BaseModel):
    """A link, and what came of it. `waiting`: how much is to be sent; `failures`: attempts in vain since the last success, the
    first at `failed_since`; `fault`: why. `distrusted`: its row was changed past the node, and nothing is sent there until it is
    removed and entered anew.
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
    distrusted: bool


class DispatchLinkMade(BaseModel):
    """`secret`: told now and never again."""

    link: DispatchLinkShape
    secret: str


class DispatchLinkPage(BaseModel):
    """By name."""

    items: list[DispatchLinkShape]
