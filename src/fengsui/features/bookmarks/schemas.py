"""Shapes of bookmarks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from fengsui.features.bookmarks.model import MOST_TEXT

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_TEXT)]


class BookmarkOrder(BaseModel):
    """What is to be marked: an instant, or with `to` a span of 24 hours at most; a use ticket must cover all of it."""

    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime | None = Field(default=None, alias="to")
    text: Words


class BookmarkChange(BaseModel):
    """Other words."""

    text: Words


class BookmarkWithdrawal(BaseModel):
    """Why it holds no longer."""

    reason: Words


class WithdrawnShape(BaseModel):
    """When, by whom and why it was withdrawn."""

    at: datetime
    by: str
    reason: str


class BookmarkShape(BaseModel):
    """Somebody's words about footage. `from` and `to` are the same for an instant. `use_ticket`: under which it was made, with
    its case; `own`: one's own, and nobody else's to edit."""

    id: int
    camera: str
    since: datetime = Field(serialization_alias="from")
    until: datetime = Field(serialization_alias="to")
    text: str
    author: str
    unit: str
    own: bool
    use_ticket: str
    case_number: str
    made_at: datetime
    edited_at: datetime | None
    withdrawn: WithdrawnShape | None


class BookmarkList(BaseModel):
    """Bookmarks of a camera that touch the time asked for, ascending. Not `whole`: there are more. `beyond`: so many are not told:
    they reach to where no ticket of one's own opens the footage."""

    camera: str
    items: list[BookmarkShape]
    whole: bool
    beyond: int
