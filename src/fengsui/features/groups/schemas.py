"""Shapes of favourites and groups."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from fengsui.features.access import Post
from fengsui.features.cameras import CameraName
from fengsui.features.groups.model import MOST_CAMERAS, Group

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Codes = Annotated[list[Annotated[str, Field(max_length=32)]], Field(max_length=MOST_CAMERAS)]


class FavouriteList(BaseModel):
    """One's favourites that one may see, in the order in which they were marked."""

    items: list[CameraName]


class ListChange(BaseModel):
    """Codes of cameras to add at the end, and to remove; what is in the list already, or is not, changes nothing."""

    add: Codes = []
    remove: Codes = []
    order: Codes = []
    """Of those that are there, these change places among themselves in this order; every other stays where it is."""


class NotTakenShape(BaseModel):
    """A camera that was not put into the group. `unknown`: there is none of this code; `out_of_scope`: beyond one's right."""

    code: str
    reason: Literal["unknown", "out_of_scope"]


class GroupShape(BaseModel):
    """A group. `cameras`: those of it that the reader may see; `hidden`: how many more there are, told to whoever may change it.

    `post`, `centre`: with whom it is shared besides; null for nobody. `maker_left`: who made it no longer holds that post.
    `not_taken`: of a change that takes what it may, the cameras that it did not.
    """

    id: int
    name: str
    owner: str
    mine: bool
    may_change: bool
    post: Post | None
    centre: int | None
    centre_name: str
    cameras: list[CameraName]
    hidden: int
    maker_left: bool
    not_taken: list[NotTakenShape]


class GroupList(BaseModel):
    """One's own groups and those shared with one, by name."""

    items: list[GroupShape]


class NewGroup(BaseModel):
    """A group of these cameras, in this order. `post`: one that its owner holds; `centre`: where they take or manage duty.

    `take_what_may`: cameras that one may not see are left out and named in the answer; otherwise they refuse the whole.
    """

    name: Name
    cameras: Codes = []
    post: Post | None = None
    centre: int | None = None
    take_what_may: bool = False


class GroupChange(ListChange):
    """What is left out stays; `post` and `centre` null: no longer shared so."""

    name: Name | None = None
    post: Post | None = None
    centre: int | None = None
    take_what_may: bool = False


def group_facts(one: Group) -> dict[str, object]:
    """What a shape says of the group itself."""
    return {"id": one.id, "name": one.name, "owner": one.owner_name, "post": one.post or None, "centre": one.centre or None}
